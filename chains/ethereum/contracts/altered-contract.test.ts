/** What is committed is what the sources compile to, byte for byte: nobody hides a contract behind a source. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeModules, compile, contracts, kept, sets } from '../testing/compile.ts';

describe('our contracts, compiled again', () => {
  it.each(sets)('%s', { timeout: 60_000 }, (folder) => {
    const again = compile(folder);
    expect(Object.keys(again.contracts).length).toBeGreaterThan(3);
    expect(again).toEqual(kept(folder));
  });

  it.each(Object.entries(codeModules(kept(contracts))))('the codec has the same bytes: %s', (name, text) => {
    expect(readFileSync(new URL(`../codec/${name}`, import.meta.url), 'utf8')).toBe(text);
  });
});

describe('this test would notice', () => {
  it('one byte of the guard', () => {
    const { contracts: made, ...rest } = kept(contracts);
    const guard = made['KuramoriGuard'];
    if (!guard) throw new Error('no guard');
    const altered = { ...guard, runtime: guard.runtime.replace('a9059cbb', '095ea7b3') };
    expect(altered.runtime).not.toBe(guard.runtime);
    expect({ ...rest, contracts: { ...made, KuramoriGuard: altered } }).not.toEqual(kept(contracts));
  });
});
