/** Sheet: what stands on paper, before it is PDF or HTML. Everything that people must understand stands there in both languages. */
import type { Squares } from '../codes/squares.ts';
import type { Told } from '../slip39/flaw.ts';

export const paperSizes = ['a4', 'letter'] as const;
export type PaperSize = (typeof paperSizes)[number];

export interface Fact {
  readonly name: Told;
  /** Empty: a line to write on. */
  readonly value: string;
}

export type Block =
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  /** Numbered, in columns, from the top of each to its end. */
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** A code, with what belongs to it beside it. `side`: how wide it is, in millimetres. */
  | {
      readonly kind: 'code';
      readonly squares: Squares;
      readonly side: number;
      readonly facts: readonly Fact[];
    }
  | { readonly kind: 'notes'; readonly notes: readonly Told[] }
  /** Cells that are empty are written in by hand. `shares`: how wide each column is. */
  | {
      readonly kind: 'table';
      readonly head: readonly Told[];
      readonly shares: readonly number[];
      readonly rows: readonly (readonly string[])[];
    };

export interface Sheet {
  readonly title: Told;
  readonly blocks: readonly Block[];
}
