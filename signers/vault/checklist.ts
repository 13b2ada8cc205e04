/** What people go through before they type: the witness reads it aloud. */
import type { Roles } from '../step/roles.ts';

const asked = {
  program:
    'the digest that this folder printed is the one on your paper / このフォルダーの表示したダイジェストが、紙に控えたものと同じである',
  version:
    'a keeper has told you, by a way that does not pass this machine, that this version of the policy is in force / この規則の版が有効であることを、管理人から別の経路で聞いている',
  people:
    'nobody here is alone, hurried or called away / 一人きりの人、急かされている人、席を外した人がいない',
} as const;

/** A line each. */
export function checklist({ witness }: Roles): readonly string[] {
  return Object.values(asked).map((what) => `[ ] ${witness}: ${what}`);
}
