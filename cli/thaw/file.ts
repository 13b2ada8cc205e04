/** A thaw's file: what keepers sign, and beside it, for who fills it in, what is asked and which freezes it lifts. */
import { z } from 'zod';
import {
  freezeDigest,
  SignedThaw,
  thawQuestions,
  unanswered,
  verifyStatement,
  type SignedFreeze,
  type Thaw,
} from '@kuramori/core';
import { readConfig, replaceFile, writeNew } from '@kuramori/program';
import { questions } from './questions.ts';

const Asked = z.strictObject({ en: z.string(), ja: z.string() });
const ThawFile = SignedThaw.extend({
  /** Nobody signs it, and it goes nowhere: the freezes as they stood, and the questions. */
  asked: z
    .strictObject({
      freezes: z.array(
        z.strictObject({
          freeze: z.string(),
          by: z.string(),
          at: z.string(),
          why: z.string(),
          stops: z.string(),
        }),
      ),
      questions: z.record(z.string(), Asked),
    })
    .optional(),
});
type ThawFile = z.infer<typeof ThawFile>;

export function draftThaw(
  file: string,
  thaw: Omit<Thaw, 'cause' | 'answers'>,
  freezes: readonly SignedFreeze[],
  nameOf: (key: string) => string,
): void {
  const answers = Object.fromEntries(thawQuestions.map((question) => [question, '']));
  const whole = ThawFile.parse({
    thaw: { ...thaw, cause: '', answers },
    signatures: [],
    asked: {
      freezes: freezes.map((one) => ({
        freeze: freezeDigest(one),
        by: nameOf(one.freeze.by),
        at: new Date(one.freeze.at).toISOString(),
        why: one.freeze.why,
        stops: stoppedBy(one),
      })),
      questions,
    },
  });
  writeNew(file, written(whole));
}

/** What a freeze stops, in words. */
export function stoppedBy({ freeze: { assets } }: SignedFreeze): string {
  return assets?.join(', ') ?? 'everything';
}

export function readThaw(file: string): ThawFile {
  return readConfig(file, ThawFile);
}

/** What is given to watchtowers. */
export function signedOf({ thaw, signatures }: ThawFile): SignedThaw {
  return { thaw, signatures };
}

/** The first question without an answer, with its words; null where all have one. */
export function openQuestion({ thaw }: ThawFile): string | null {
  const open = unanswered(thaw);
  if (open === null) return null;
  const field = open === 'cause' ? 'thaw.cause' : `thaw.answers.${open}`;
  return `${field} is not answered yet: write it into the file\n  ${questions[open].en}\n  ${questions[open].ja}`;
}

/** Adds a signature; gives who signed before, but not what stands there now, and is left out. */
export function addSignature(
  file: string,
  whole: ThawFile,
  signature: SignedThaw['signatures'][number],
): { readonly all: number; readonly overtaken: readonly string[] } {
  const others = whole.signatures.filter(({ keeper }) => keeper !== signature.keeper);
  const holds = (one: SignedThaw['signatures'][number]) =>
    verifyStatement(one.keeper, 'thaw', whole.thaw, one.signature);
  const signatures = [...others.filter(holds), signature];
  replaceFile(file, written({ ...whole, signatures }));
  return {
    all: signatures.length,
    overtaken: others.filter((one) => !holds(one)).map(({ keeper }) => keeper),
  };
}

/** In lines: people write into it. */
function written(whole: ThawFile): string {
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/** What its keepers say, each question with its answer; control signs as escapes. */
export function answersText({ cause, answers }: Thaw): string {
  return (['cause', ...thawQuestions] as const)
    .map((question) => {
      const { en, ja } = questions[question];
      const said = question === 'cause' ? cause : answers[question];
      return `  ${question}: ${en} / ${ja}\n    ${JSON.stringify(said)}`;
    })
    .join('\n');
}
