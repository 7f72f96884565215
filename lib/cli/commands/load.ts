import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { charlist, ErlangError, format, isAtom, isList, isTuple, type Term } from '../../index.js'
import { type Command, type CommandContext, readAllBytes, text } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { runProgram } from '../remote-program.js'
import { withPeer } from '../session.js'
import { UsageError } from '../usage-error.js'

/** Compiles a module at a node and loads it there; a `.beam` is loaded as it is. */
export const loadCommand: Command = {
  usage: 'load <node> <file>',
  describe: 'Compile an Erlang module at a node and load it there',
  build: (parser) =>
    parser
      .positional('node', { type: 'string', describe: 'Its name: shop@127.0.0.1, or shop here' })
      .positional('file', {
        type: 'string',
        describe: 'module.erl, or module.beam; - is source on standard input',
      }),
  async run(given, context) {
    const { settings, signal, output } = context
    const file = text(given, 'file')
    const bytes = await readModule(file, context)
    const name = file === '-' ? 'standard_input.erl' : path.basename(file)
    const result = await withPeer(text(given, 'node'), settings, ({ node, peer }) =>
      context.during(`waiting for ${peer}`, () => {
        const variables = { Bytes: bytes, Name: charlist(name) }
        const { timeoutMs } = settings
        return runProgram(node, peer, programFor(name), variables, { timeoutMs, signal })
      }),
    )
    const [kind, value, messages] = isTuple(result) ? ([...result] as Term[]) : []
    for (const line of isList(messages) ? messages : []) {
      if (Buffer.isBuffer(line)) output.note(line.toString())
    }
    if (!isAtom(kind, 'module')) throw failure(name, kind, value as Term)
    output.result(`{module,${format(value as Term)}}`, { module: format(value as Term) })
    return ExitCode.Ok
  },
}

async function readModule(file: string, { stdin }: CommandContext): Promise<Buffer> {
  if (file === '-') return readAllBytes(stdin)
  if (!/\.(erl|beam)$/.test(file)) {
    throw new UsageError(`a module is a file that ends in .erl or .beam, got "${file}"`)
  }
  try {
    return await readFile(file)
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`, '')
  }
}

function failure(name: string, kind: Term | undefined, reason: Term): ErlangError {
  const message = isAtom(kind, 'not_compiled')
    ? `${name} does not compile`
    : `${name} cannot be loaded: ${format(reason)}`
  return new ErlangError('ERR_ERL_REMOTE', message, { reason })
}

function programFor(name: string): string {
  return name.endsWith('.beam') ? loadBeam : compileAndLoad
}

/**
 *   in:   Bytes, Name (of the file)
 *   out:  {module, Module, Messages} | {not_compiled, none, Messages} | {error, Reason, []}
 *   Messages are binaries such as `<<"stock.erl:3:1: function f/0 is undefined">>`.
 *
 * The compiler reads files only, since it has to know where to look for what is included: one in the
 * peer's folder for such, deleted at once.
 */
const compileAndLoad = `
  Folder = os:getenv("TMPDIR", "/tmp"),
  Unique = integer_to_list(erlang:unique_integer([positive])),
  File = filename:join(Folder, "beamlink_" ++ os:getpid() ++ "_" ++ Unique ++ "_" ++ Name),
  ok = file:write_file(File, Bytes, [exclusive]),
  Compiled = try compile:file(File, [binary, return, {source, Name}])
  after file:delete(File)
  end,
  Place = fun
    (none) -> "";
    ({Line, Column}) -> io_lib:format(":~b:~b", [Line, Column]);
    (Line) -> io_lib:format(":~b", [Line])
  end,
  Lines = fun (Kind, Found) ->
    [unicode:characters_to_binary([Name, Place(Where), ": ", Kind, From:format_error(What)])
     || {_, Each} <- Found, {Where, From, What} <- Each]
  end,
  case Compiled of
    {ok, Module, Code, Warnings} ->
      code:purge(Module),
      case code:load_binary(Module, Name, Code) of
        {module, _} -> {module, Module, Lines("Warning: ", Warnings)};
        {error, Reason} -> {error, Reason, []}
      end;
    {error, Errors, Warnings} ->
      {not_compiled, none, Lines("", Errors) ++ Lines("Warning: ", Warnings)}
  end.`

const loadBeam = `
  case beam_lib:info(Bytes) of
    {error, beam_lib, Reason} -> {error, Reason, []};
    Info ->
      {module, Module} = lists:keyfind(module, 1, Info),
      code:purge(Module),
      case code:load_binary(Module, Name, Bytes) of
        {module, _} -> {module, Module, []};
        {error, Reason} -> {error, Reason, []}
      end
  end.`
