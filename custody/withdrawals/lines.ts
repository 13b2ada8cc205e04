/** Lines to signers and watchtowers: what is asked of one of them while it answers goes with the next exchange, question by question. */
import { callSeveral, mostQuestions, type Question, type Where } from '@kuramori/chains/http';
import { together, type Ask } from '@kuramori/program';
import type { z } from 'zod';

export interface Route {
  readonly path: string;
  readonly asked: z.ZodType;
  readonly answered: z.ZodType;
}

export type Answered<R extends Route> =
  | z.output<R['answered']>
  | { readonly kind: 'unreachable'; readonly detail: string };

export interface Lines {
  readonly ask: <R extends Route>(
    where: Where | undefined,
    route: R,
    asked: z.input<R['asked']> | z.output<R['asked']>,
  ) => Promise<Answered<R>>;
  /**
   * What several want to know at one moment, at most `most` of them, is asked once; by how many, the question is told.
   * Nobody gets an answer to a question that was asked before theirs.
   */
  readonly sharing: <T>(name: string, most: number, question: (count: number) => Promise<T>) => Promise<T>;
}

/** How many shares of one question may be under way at a time. */
const abreast = 8;

export function openLines(): Lines {
  const lines = new Map<Where | undefined, Ask<Question, unknown>>();
  const lineTo = (where: Where | undefined) => {
    const known = lines.get(where);
    if (known) return known;
    const made = together((questions: readonly Question[]) => callSeveral(where, questions), mostQuestions);
    lines.set(where, made);
    return made;
  };
  const shared = new Map<string, Ask<(count: number) => Promise<unknown>, unknown>>();
  const shareOf = (name: string, most: number) => {
    const known = shared.get(name);
    if (known) return known;
    const made = together(
      async (questions: readonly ((count: number) => Promise<unknown>)[]) => {
        const answer = await questions[0]?.(questions.length);
        return questions.map(() => answer);
      },
      most,
      abreast,
    );
    shared.set(name, made);
    return made;
  };
  return {
    sharing: async <T>(name: string, most: number, question: (count: number) => Promise<T>) =>
      (await shareOf(name, most)(question)) as T,
    ask: async <R extends Route>(where: Where | undefined, route: R, asked: unknown) =>
      // Read by the route's own schema (chains/http.ts).
      (await lineTo(where)({ route, asked })) as Answered<R>,
  };
}
