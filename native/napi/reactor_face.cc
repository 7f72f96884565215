#include "napi/reactor_face.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "base/freed_memory.h"
#include "dist/notices.h"
#include "io/socket.h"
#include "napi/arguments.h"
#include "napi/define.h"
#include "napi/throw.h"

namespace beamlink {
namespace {

// Channel, first word, cost (`FrameColumn` of lib/native/contract.ts).
constexpr size_t kFrameTableColumns = 3;

// A property of an options object that lib/native has checked.
class Options {
 public:
  Options(napi_env env, napi_value object) : env_(env), object_(object) {}

  std::string Text(const char* name) const { return TextOf(env_, Get(name)); }
  uint32_t Uint32(const char* name) const {
    uint32_t value = 0;
    napi_get_value_uint32(env_, Get(name), &value);
    return value;
  }
  bool Bool(const char* name) const {
    bool value = false;
    return napi_get_value_bool(env_, Get(name), &value) == napi_ok && value;
  }
  // Infinity becomes the largest integer.
  uint64_t Size(const char* name) const {
    double value = 0;
    napi_get_value_double(env_, Get(name), &value);
    return std::isfinite(value) ? static_cast<uint64_t>(value) : UINT64_MAX;
  }

 private:
  napi_value Get(const char* name) const {
    napi_value value = nullptr;
    napi_get_named_property(env_, object_, name, &value);
    return value;
  }

  napi_env env_;
  napi_value object_;
};

napi_value Number(napi_env env, uint32_t number) {
  napi_value value = nullptr;
  napi_create_uint32(env, number, &value);
  return value;
}

// Our end of a new transport, and JavaScript's, which is its to close.
Status MakeTransport(uint32_t header_bytes, Transport* ours, UniqueFd* theirs) {
  ours->header_bytes = header_bytes;
  return MakeSocketPair(&ours->fd, theirs);
}

napi_value ThrowRefused(napi_env env, const Status& why) {
  return ThrowStatus(env, ReasonName(why.code()).data(), why, 0);
}

// The memory becomes the ArrayBuffer's own; copied where the runtime forbids that (Electron).
napi_value ToArrayBuffer(napi_env env, OwnedBytes bytes) {
  napi_value buffer = nullptr;
  void* copy = nullptr;
  const size_t size = bytes.size();
  uint8_t* memory = bytes.Release();
  if (size > 0) {
    const napi_status status = napi_create_external_arraybuffer(
        env, memory, size, [](napi_env, void* data, void*) { std::free(data); }, nullptr, &buffer);
    if (status == napi_ok) return buffer;
  }
  if (napi_create_arraybuffer(env, size, &copy, &buffer) == napi_ok && size > 0) {
    std::memcpy(copy, memory, size);
  }
  std::free(memory);
  return buffer;
}

}  // namespace

ReactorFace::ReactorFace(Buffers* buffers, const AtomBook* book, AtomTable* event_atoms)
    : buffers_(buffers),
      book_(book),
      event_atoms_(event_atoms),
      events_([this] { delivery_.Wake(); }) {}

bool ReactorFace::Export(napi_env env, napi_value exports) {
  const std::pair<const char*, napi_callback> all[] = {
      {"start", Start},
      {"take", Take},
      {"takeLarge", TakeLarge},
      {"takeBody", TakeBody},
      {"setRef", SetRef},
      {"openNode", OpenNode},
      {"askBeforeAccept", AskBeforeAccept},
      {"answer", Answer},
      {"setCookie", SetCookie},
      {"listen", Listen},
      {"dial", Dial},
      {"send", Send},
      {"credit", Credit},
      {"setUrgent", SetUrgent},
      {"drain", Drain},
      {"close", Close},
      {"closeNode", CloseNode},
      {"dialThrough", DialThrough},
      {"acceptThrough", AcceptThrough},
      {"measure", Measure},
      {"renewEventAtoms", RenewEventAtoms},
  };
  for (const auto& [name, callback] : all) {
    if (!DefineFunction(env, exports, name, callback, this)) return false;
  }
  return true;
}

void ReactorFace::Post(Command command) {
  if (reactor_) reactor_->Post(std::move(command));
}

napi_value ReactorFace::Start(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 1> given(env, info);
  ReactorFace* self = given.owner();
  if (self->reactor_) return nullptr;
  if (self->delivery_.started()) return ThrowMisuse(env, "start: the reactor has been stopped");
  auto reactor = std::make_unique<Reactor>(&self->events_, self->event_atoms_, self->book_);
  if (!reactor->status().ok()) return ThrowRefused(env, reactor->status());
  if (!self->delivery_.Start(env, given[0])) return ThrowMisuse(env, "start needs a function");
  // Registered after the thread-safe function, so it runs before that function's own clean-up:
  // when this hook returns, no thread is left that could wake a JavaScript that is going away.
  napi_add_env_cleanup_hook(
      env, [](void* face) { static_cast<ReactorFace*>(face)->End(); }, self);
  self->reactor_ = std::move(reactor);
  self->StartDirectReads(env);
  return nullptr;
}

void ReactorFace::StartDirectReads(napi_env env) {
  uv_loop_s* loop = nullptr;
  if (reactor_->DirectReadsFd() < 0 || napi_get_uv_event_loop(env, &loop) != napi_ok) return;
  direct_reads_ = std::make_unique<LoopWatch>(loop, reactor_->DirectReadsFd(), [this, env] {
    if (reactor_ && reactor_->ReadHere()) delivery_.Deliver(env);
  });
  if (direct_reads_->watches()) reactor_->StartDirectReads();
  // Registered last, so it runs first: the reactor, which owns the descriptor, outlives the watch.
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle hook, void* face) {
        static_cast<ReactorFace*>(face)->direct_reads_->Close(
            [hook] { (void)napi_remove_async_cleanup_hook(hook); });
      },
      this, nullptr);
}

napi_value ReactorFace::Take(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 0> given(env, info);
  ReactorFace* self = given.owner();
  const std::span<uint8_t> to = self->buffers_->events.bytes();
  if (to.size() < kLargeRecordBytes + 64) return ThrowMisuse(env, "take: event buffer too small");
  return Number(env, static_cast<uint32_t>(self->events_.Take(to)));
}

napi_value ReactorFace::TakeLarge(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 0> given(env, info);
  LargeRecord record = given.owner()->events_.TakeLarge();
  napi_value result = nullptr;
  if (napi_create_object(env, &result) != napi_ok) return nullptr;
  napi_value ops = ToArrayBuffer(env, std::move(record.ops));
  napi_value body = ToArrayBuffer(env, std::move(record.body));
  if (ops == nullptr || body == nullptr) return nullptr;
  napi_set_named_property(env, result, "ops", ops);
  napi_set_named_property(env, result, "body", body);
  return result;
}

napi_value ReactorFace::TakeBody(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 1> given(env, info);
  std::span<const uint8_t> to;
  if (!BytesOf(env, given[0], &to)) return ThrowMisuse(env, "takeBody needs a Uint8Array");
  // The array is JavaScript's to write to, and this is JavaScript writing.
  const std::span<uint8_t> writable(const_cast<uint8_t*>(to.data()), to.size());
  KeepFreedMemory();
  if (!given.owner()->events_.TakeBody(writable)) {
    return ThrowMisuse(env, "takeBody needs an array of the body's size");
  }
  return nullptr;
}

napi_value ReactorFace::SetRef(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 1> given(env, info);
  given.owner()->delivery_.SetRef(env, given.Bool(0));
  return nullptr;
}

napi_value ReactorFace::OpenNode(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 1> given(env, info);
  ReactorFace* self = given.owner();
  if (!self->reactor_) return ThrowMisuse(env, "openNode before start");
  const Options options(env, given[0]);
  const uint32_t node = self->reactor_->NextId();
  self->Post(beamlink::OpenNode{
      .node = node,
      .name = options.Text("name"),
      .cookie = options.Text("cookie"),
      .creation = options.Uint32("creation"),
      .hidden = options.Bool("hidden"),
      .tick_time_ms = options.Uint32("tickTimeMs"),
      .handshake_timeout_ms = options.Uint32("handshakeTimeoutMs"),
      .max_frame_bytes = options.Uint32("maxFrameBytes"),
      .max_depth = options.Uint32("maxDepth"),
      .max_queued_bytes = options.Size("maxQueuedBytes"),
      .max_atoms = options.Uint32("maxAtoms"),
      .max_frames_per_second = options.Size("maxFramesPerSecond"),
      .ask_before_accept = options.Bool("askBeforeAccept"),
  });
  return Number(env, node);
}

napi_value ReactorFace::AskBeforeAccept(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 2> given(env, info);
  given.owner()->Post(beamlink::AskBeforeAccept{given.Uint32(0), given.Bool(1)});
  return nullptr;
}

napi_value ReactorFace::Answer(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 3> given(env, info);
  given.owner()->Post(beamlink::Answer{given.Uint32(0), given.Uint32(1), given.Bool(2)});
  return nullptr;
}

napi_value ReactorFace::SetCookie(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 3> given(env, info);
  given.owner()->Post(beamlink::SetCookie{given.Uint32(0), given.Text(1), given.Text(2)});
  return nullptr;
}

napi_value ReactorFace::Listen(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 3> given(env, info);
  given.owner()->Post(
      beamlink::Listen{given.Uint32(0), given.Text(1), static_cast<uint16_t>(given.Uint32(2))});
  return nullptr;
}

napi_value ReactorFace::Dial(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 2> given(env, info);
  ReactorFace* self = given.owner();
  if (!self->reactor_) return ThrowMisuse(env, "dial before start");
  const Options options(env, given[1]);
  const uint32_t channel = self->reactor_->NextId();
  self->Post(beamlink::Dial{
      .node = given.Uint32(0),
      .channel = channel,
      .address = options.Text("address"),
      .port = static_cast<uint16_t>(options.Uint32("port")),
      .peer = options.Text("peer"),
      .timeout_ms = options.Uint32("timeoutMs"),
  });
  return Number(env, channel);
}

napi_value ReactorFace::DialThrough(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 2> given(env, info);
  ReactorFace* self = given.owner();
  if (!self->reactor_) return ThrowMisuse(env, "dialThrough before start");
  const Options options(env, given[1]);
  Transport transport;
  UniqueFd end;
  const Status why = MakeTransport(options.Uint32("headerBytes"), &transport, &end);
  if (!why.ok()) return ThrowRefused(env, why);
  napi_value result = nullptr;
  if (napi_create_object(env, &result) != napi_ok) return nullptr;
  const uint32_t channel = self->reactor_->NextId();
  self->Post(beamlink::DialThrough{.dial = {.node = given.Uint32(0),
                                            .channel = channel,
                                            .address = options.Text("address"),
                                            .port = 0,
                                            .peer = options.Text("peer"),
                                            .timeout_ms = options.Uint32("timeoutMs")},
                                   .transport = std::move(transport)});
  napi_set_named_property(env, result, "channel", Number(env, channel));
  napi_set_named_property(env, result, "end", Number(env, static_cast<uint32_t>(end.Release())));
  return result;
}

napi_value ReactorFace::AcceptThrough(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 4> given(env, info);
  ReactorFace* self = given.owner();
  if (!self->reactor_) return ThrowMisuse(env, "acceptThrough before start");
  Transport transport;
  UniqueFd end;
  const Status why = MakeTransport(given.Uint32(2), &transport, &end);
  if (!why.ok()) return ThrowRefused(env, why);
  self->Post(beamlink::AcceptThrough{.node = given.Uint32(0),
                                     .address = given.Text(1),
                                     .transport = std::move(transport),
                                     .caller = given.Uint32(3)});
  return Number(env, static_cast<uint32_t>(end.Release()));
}

napi_value ReactorFace::Send(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 5> given(env, info);
  ReactorFace* self = given.owner();
  const Buffers& buffers = *self->buffers_;
  const uint32_t count = given.Uint32(0);
  const size_t ops_bytes = static_cast<size_t>(given.Uint32(1)) * sizeof(int32_t);
  const size_t text_bytes = given.Uint32(2);
  std::span<const double> table = buffers.frame_table.doubles();
  if (count > table.size() / kFrameTableColumns || ops_bytes > buffers.frame_ops.bytes().size() ||
      text_bytes > buffers.frame_text.bytes().size()) {
    return ThrowMisuse(env, "send: the frames are longer than their buffers");
  }
  SendFrames command{.frames = {},
                     .tape = OwnedBytes(ops_bytes + text_bytes),
                     .ops_words = given.Uint32(1),
                     .ticket = given.Uint32(3),
                     .shared = {}};
  command.frames.reserve(count);
  for (uint32_t i = 0; i < count; i++, table = table.subspan(kFrameTableColumns)) {
    command.frames.push_back(
        {static_cast<uint32_t>(table[0]), static_cast<uint32_t>(table[1]), table[2]});
  }
  if (ops_bytes > 0) std::memcpy(command.tape.data(), buffers.frame_ops.bytes().data(), ops_bytes);
  if (text_bytes > 0) {
    std::memcpy(command.tape.data() + ops_bytes, buffers.frame_text.bytes().data(), text_bytes);
  }
  if (!BytesOfAll(env, given[4], &command.shared)) {
    return ThrowMisuse(env, "send: shared must be Uint8Arrays");
  }
  if (self->reactor_) self->reactor_->Send(std::move(command));
  return nullptr;
}

napi_value ReactorFace::Credit(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 2> given(env, info);
  given.owner()->Post(beamlink::Credit{given.Uint32(0), static_cast<uint64_t>(given.Double(1))});
  return nullptr;
}

napi_value ReactorFace::SetUrgent(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 2> given(env, info);
  given.owner()->Post(beamlink::SetUrgent{given.Uint32(0), given.Bool(1)});
  return nullptr;
}

napi_value ReactorFace::Drain(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 2> given(env, info);
  given.owner()->Post(beamlink::Drain{given.Uint32(0), given.Double(1)});
  return nullptr;
}

napi_value ReactorFace::Measure(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 2> given(env, info);
  ReactorFace* self = given.owner();
  std::span<const uint8_t> to;
  double counts[kMeterColumns];
  if (!BytesOf(env, given[1], &to) || to.size() != sizeof(counts)) {
    return ThrowMisuse(env, "measure needs the bytes of a Float64Array of as many columns");
  }
  MeterReading reading;
  const bool is_up = self->reactor_ && self->reactor_->Measure(given.Uint32(0), &reading);
  if (is_up) {
    for (size_t i = 0; i < kMeterColumns; i++)
      counts[i] = static_cast<double>(reading[i]);
    // The array is JavaScript's to write to, and this is JavaScript writing.
    std::memcpy(const_cast<uint8_t*>(to.data()), counts, sizeof(counts));
  }
  napi_value result = nullptr;
  napi_get_boolean(env, is_up, &result);
  return result;
}

napi_value ReactorFace::Close(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 1> given(env, info);
  given.owner()->Post(CloseChannel{given.Uint32(0)});
  return nullptr;
}

napi_value ReactorFace::CloseNode(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 1> given(env, info);
  given.owner()->Post(beamlink::CloseNode{given.Uint32(0)});
  return nullptr;
}

napi_value ReactorFace::RenewEventAtoms(napi_env env, napi_callback_info info) {
  const Arguments<ReactorFace, 0> given(env, info);
  given.owner()->Post(RenewAtoms{});
  return nullptr;
}

}  // namespace beamlink
