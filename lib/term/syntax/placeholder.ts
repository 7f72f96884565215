/** Stands in a term that a template or a pattern is made of for what is known only later. */
export class Placeholder {
  /** Of `${…}`, a variable, or `_`. */
  readonly sort: 'hole' | 'variable' | 'any'
  /** Which `${…}`, from 0. */
  readonly index: number
  /** Of the variable. */
  readonly name: string
  /** Offset in the text. */
  readonly at: number

  constructor(sort: Placeholder['sort'], at: number, index = -1, name = '') {
    this.sort = sort
    this.at = at
    this.index = index
    this.name = name
  }
}
