/** A watchtower that was killed knows again what left before: it stands in the archive and in the blocks. What is still so is told once more, and once only. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lookout, until, type Lookout, type Options } from '../testing/lookout.ts';

let l: Lookout;
async function open(signs: Options['signs']): Promise<void> {
  l = await lookout(signs ? { signs } : {});
  await l.seeing();
}
afterEach(() => l[Symbol.asyncDispose]());

const told = (id: string) => l.told().filter(({ sign }) => sign === id);
async function restart(): Promise<void> {
  await l.stopTower();
  await l.startTower();
  await l.seeing();
}
/** As long as the slowest look takes, and some. */
const looks = (ms = 6_500) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a share of the wallet that left before it was killed', () => {
  it('is told before, and once after', async () => {
    // 10 of 50,001 XEM are two hundredths of a percent; two payments are four.
    await open({ shareDrained: { shareBps: 4 } });
    await l.pay();
    await l.harvest();
    await looks();
    expect(told('shareDrained')).toEqual([]);
    await restart();
    await l.pay();
    await until('it to be told', () => told('shareDrained').length === 1, 15_000);
    expect(told('shareDrained')[0]).toMatchObject({ wallet: 'hot', payments: 2, action: 'page' });
    await l.harvest();
    await restart();
    await until('it to be told again', () => told('shareDrained').length === 2, 15_000);
    await looks();
    expect(told('shareDrained')).toHaveLength(2);
    expect(l.tower().status().frozen).toBe(null);
  }, 60_000);

  it('freezes where the configuration says so, and a restart does not freeze by it a second time', async () => {
    await open({ shareDrained: { shareBps: 2, action: 'freeze' } });
    await l.pay();
    await until('the freeze', () => l.tower().status().frozen !== null, 15_000);
    expect(l.tower().status().frozen?.freeze.why).toBe('share of a wallet drained');
    const frozen = () =>
      (JSON.parse(readFileSync(join(l.folder, 'frozen.json'), 'utf8')) as { sights: string[] }).sights;
    expect(frozen()).toHaveLength(1);
    await restart();
    await looks();
    expect(frozen()).toHaveLength(1);
    expect(l.incident().filter((event) => event.startsWith('alarm'))).toEqual(['alarm: frozen']);
  }, 60_000);
});

describe('signed, and carried away', () => {
  const pass = async (seconds: number) => {
    l.clock.ms += seconds * 1000;
    await l.harvest();
    await l.seeing();
  };

  it('a payment that nobody announced is told with its intent, half an hour after its deadline; also by a watchtower that starts then', async () => {
    await open({});
    await l.pay();
    await l.harvest();
    l.clock.ms += 1_000;
    await l.pay(false);
    const body = l.tower().entries({ signer: 'signer-1', from: 2 }).entries[0]?.entry.body;
    const intents = body?.kind === 'payment' ? body.intents.map(({ intent }) => intent.id) : [];
    expect(intents).toHaveLength(1);
    await pass(3_600 + 1_700);
    await looks(2_000);
    expect(told('unsent')).toEqual([]);
    await pass(120);
    await until('it to be told', () => told('unsent').length === 1, 15_000);
    expect(told('unsent')[0]).toMatchObject({ wallet: 'hot', payments: 1, intents });
    await restart();
    await until('it to be told again', () => told('unsent').length === 2, 15_000);
    await pass(60);
    await looks(2_000);
    expect(told('unsent')).toHaveLength(2);
    expect(l.tower().status().frozen).toBe(null);
  }, 60_000);
});
