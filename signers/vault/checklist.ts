/** What people go through before they type, each of them aloud. */

const asked = {
  program:
    'the digest that this folder printed is the one on your paper / このフォルダーの表示したダイジェストが、紙に控えたものと同じである',
  version:
    'a keeper has told you, by a way that does not pass this machine, that this version of the policy is in force / この規則の版が有効であることを、管理人から別の経路で聞いている',
  intent:
    'the intent’s digest is what those who approved it read to you / 依頼のダイジェストが、承認した人の読み上げたものと同じである',
  people:
    'nobody here is alone, hurried or called away / 一人きりの人、急かされている人、席を外した人がいない',
} as const;

export type Check = keyof typeof asked;

/** A line each. */
export function checklist(checks: readonly Check[]): readonly string[] {
  return checks.map((check) => `[ ] ${asked[check]}`);
}
