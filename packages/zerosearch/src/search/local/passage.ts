/** What a corpus is made of: a piece of text short enough to be read as one document. */
export interface Passage {
  readonly id: string;
  readonly title?: string;
  readonly text: string;
}
