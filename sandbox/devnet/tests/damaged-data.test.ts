import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataError, startNode } from '../index.ts';
import { people, startUnderTest, type NodeUnderTest } from './node-under-test.testing.ts';

const [account, other] = people('account', 'other');

async function withBlocks(): Promise<NodeUnderTest> {
  const devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  for (let at = 0; at < 3; at += 1) await devnet.harvest();
  return devnet;
}

describe('the file of blocks', () => {
  it('torn in its last line: that line is dropped, and it says so', async () => {
    await using devnet = await withBlocks();
    const file = join(devnet.config.dataFolder, 'blocks.jsonl');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.slice(0, -20));
    const warnings: string[] = [];
    const node = await startNode({ ...devnet.config }, { warn: (message) => warnings.push(message) });
    expect(node.core.chain.height()).toBe(3);
    expect(warnings).toEqual([expect.stringContaining('the last line was cut off and has been dropped')]);
    node.core.harvestOne();
    await node[Symbol.asyncDispose]();
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(5);
  });

  it.each([
    ['a digit changed', (text: string) => text.replace(/"block":"(.{40})./, '"block":"$1f')],
    ['a line missing', (text: string) => text.split('\n').toSpliced(2, 1).join('\n')],
    ['a line that is no JSON', (text: string) => text.replace('{"height":3', '{height:3')],
    ['its first line gone', (text: string) => text.slice(text.indexOf('\n') + 1)],
  ])('%s: one clear line, and no start', async (_, damage) => {
    await using devnet = await withBlocks();
    const file = join(devnet.config.dataFolder, 'blocks.jsonl');
    const whole = readFileSync(file, 'utf8');
    const damaged = damage(whole);
    expect(damaged).not.toBe(whole);
    writeFileSync(file, damaged);
    const start = startNode({ ...devnet.config });
    await expect(start).rejects.toThrow(DataError);
    await expect(start).rejects.toThrow(
      /^[^\n]*blocks\.jsonl, line [0-9]+: [^\n]*; restore the file, or remove the folder to begin anew$/,
    );
    expect(readFileSync(file, 'utf8')).toBe(damaged);
  });

  it('of another genesis is refused', async () => {
    await using devnet = await withBlocks();
    const genesis = { ...devnet.config.genesis, balances: [{ address: other.address, amount: '1' }] };
    await expect(startNode({ ...devnet.config, genesis })).rejects.toThrow('another genesis');
  });

  it('is not touched by garbage after a rewind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kuramori-devnet-'));
    writeFileSync(join(folder, 'blocks.jsonl'), '');
    appendFileSync(join(folder, 'blocks.jsonl'), 'half a li');
    await using devnet = await startUnderTest({
      balances: [[account.address, 1]],
      config: { dataFolder: folder },
    });
    expect(devnet.node.core.chain.height()).toBe(1);
    rmSync(folder, { recursive: true });
  });
});
