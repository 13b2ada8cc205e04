/**
 * One person stops a serving house with one command, whatever else is dead; the keepers thaw it with theirs, two people
 * reopen its services stage by stage, and it pays.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signerRoutes, XEM } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { bringOwnFunds, clientOf, deposit, done, withdraw, type Day } from './day.ts';
import { until } from './house/chain.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { whereOf } from './house/rooms.ts';
import { kuramori as give } from './testing/command.ts';

const xem = 1_000_000n;
let folder: string;
let house: House;
let day: Day;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-operator-'));
  house = await openHouse(
    { ...servingHouse(join(folder, 'house')), thawDelay: 10, stageMinutes: 0, ephemeral: true },
    { step: () => {} },
  );
  day = { house, now: Date.now, pass: () => Promise.resolve() };
  await bringOwnFunds(day, 500_000n * xem);
  await deposit(day, 'alice', 1_000n * xem);
}, 120_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);
const person = (name: string) => join(house.plan.folder, 'people', `${name}.seed`);

const kuramori = (...args: readonly string[]) =>
  give([...args, ...(args[0] === 'key' ? [] : ['--house', join(house.plan.folder, 'house.json')])]);

const frozen = async (id: string) => {
  const status = await call(whereOf(house.plan, id), signerRoutes.status, {});
  if (status.kind !== 'status') throw new Error(JSON.stringify(status));
  return status.frozen?.freeze ?? null;
};

const personUrl = (name: string) => join(house.plan.folder, 'database', `person-${name}-url`);

const askWhileFrozen = () =>
  clientOf(day).call('requestWithdrawal', {
    idempotencyKey: 'while-frozen',
    body: {
      customer: 'alice',
      asset: XEM,
      amount: (100n * xem).toString(),
      destination: { address: house.people.customer.address, memo: '' },
      feeCap: (2n * xem).toString(),
    },
  });

/** What the exchange was told of services, in the order of telling. */
async function signals(): Promise<readonly string[]> {
  const events = await Array.fromAsync(clientOf(day).pages('listEvents', {}));
  return events.flatMap(({ kind, type, object }) => (kind === 'service' ? `${type} ${object}` : []));
}

const answers = {
  cause: 'Postgres had stopped, and the operator took it for a theft',
  'key-replaced': 'none was stolen: nothing of ours was signed meanwhile',
  'evidence-explained': '証拠となる署名はない',
  'rooms-rebuilt': 'Postgres, watchtower and custody were started again',
  'people-told': 'nobody outside',
  'who-decided': 'the keeper of this sandbox',
};

function write(file: string, question: string, answer: string): void {
  const whole = JSON.parse(readFileSync(file, 'utf8')) as {
    thaw: { cause: string; answers: Record<string, string> };
  };
  if (question === 'cause') whole.thaw.cause = answer;
  else whole.thaw.answers[question] = answer;
  writeFileSync(file, JSON.stringify(whole));
}

describe('an operator at night', () => {
  it('is refused without a key of the policy, and told by whom', async () => {
    const made = await kuramori('key', 'create', at('nobody.seed'));
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9a-f]{64}\n$/) });
    const tried = await kuramori('freeze', '--key', at('nobody.seed'), '--why', 'let me try');
    expect(tried.code).toBe(1);
    expect(tried.out).toMatch(/signer-1 +freeze-signature: not signed by a pinned/);
    expect(await frozen('signer-1')).toBe(null);
  });

  it('stops everything while custody, its database and the watchtower are dead', async () => {
    for (const name of ['custody', 'postgres', 'watchtower']) await house.kill(name);
    const stopped = await kuramori(
      'freeze',
      '--key',
      person('operator'),
      '--why',
      'nothing answers any more',
    );
    expect(stopped.code).toBe(0);
    expect(stopped.out).toMatch(/watchtower +is silent[^]*signer-1 +has frozen\nsigner-2 +has frozen/);
    expect(await frozen('signer-2')).toMatchObject({ why: 'nothing answers any more' });
    await house.restart('postgres');
    await house.restart('watchtower');
    await house.restart('custody');
    await until('the watchtower to take it over', async () => {
      const { out } = await kuramori('thaw', 'status');
      return /^watchtower +frozen\n +everything, since .* by operator operator/.test(out) ? true : undefined;
    });
  }, 60_000);

  it('the exchange is told to stop, in the runbook’s order, and gets neither an address nor a payment', async () => {
    expect(await signals()).toEqual([
      'service.stopped service:nem:xem:deposits',
      'service.stopped service:nem:xem:withdrawals',
      'service.stopped service:nem:xem:trading',
    ]);
    const shown = await clientOf(day).call('openCustomer', {
      idempotencyKey: 'bob',
      body: { customer: 'bob' },
    });
    expect(shown).toMatchObject({ kind: 'problem', problem: { code: 'deposits-stopped' } });
    const asked = await askWhileFrozen();
    expect(asked).toMatchObject({ kind: 'problem', problem: { code: 'withdrawals-stopped' } });
  });

  it('the keepers thaw it once they have answered for it', async () => {
    expect(await kuramori('thaw', 'draft', at('thaw.json'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/lifts\n +everything, since .*: nothing answers any more\n/),
    });
    const unsigned = await kuramori('thaw', 'give', at('thaw.json'));
    expect(unsigned).toMatchObject({ code: 1, out: expect.stringMatching(/thaw-below-quorum/) });
    const sign = () => kuramori('thaw', 'sign', at('thaw.json'), '--key', person('keeper'));
    // In the order of the list, each named in both languages while it is empty.
    for (const [question, answer] of Object.entries(answers)) {
      expect(await sign()).toMatchObject({
        code: 1,
        err: expect.stringMatching(
          new RegExp(`thaw\\.(answers\\.)?${question} is not answered[^]*[?] ?[^]*。`),
        ),
      });
      write(at('thaw.json'), question, answer);
    }
    expect(await sign()).toMatchObject({ code: 0 });
    // A word changed afterwards is signed by nobody.
    write(at('thaw.json'), 'cause', 'another cause than the keepers have signed');
    const altered = await kuramori('thaw', 'give', at('thaw.json'));
    expect(altered).toMatchObject({ code: 1, out: expect.stringMatching(/thaw-below-quorum/) });
    write(at('thaw.json'), 'cause', answers.cause);
    expect(await kuramori('thaw', 'give', at('thaw.json'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/watchtower +waits until/),
    });
    const waiting = await kuramori('thaw', 'status');
    for (const said of Object.values(answers)) expect(waiting.out).toContain(JSON.stringify(said));
    for (const id of ['signer-1', 'signer-2'])
      await until(`${id} to be thawed`, async () => ((await frozen(id)) === null ? true : undefined));
    expect(await kuramori('thaw', 'give', at('thaw.json'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/has thawed/),
    });
    // They stand in each signer's journal, and in what the watchtower wrote down.
    const journal = readFileSync(join(house.plan.folder, 'signer-1', 'journal.jsonl'), 'utf8');
    for (const said of Object.values(answers)) expect(journal).toContain(JSON.stringify(said));
    const incident = join(house.plan.folder, 'watchtower', 'incident.jsonl');
    const told = await give(['incident', incident, '--lang', 'ja']);
    expect(told).toMatchObject({ code: 0, out: expect.stringContaining('Postgres had stopped') });
  }, 120_000);

  it('two people reopen it stage by stage, each with a login of their own; what was refused is then paid', async () => {
    const reopen = (who: string, stage: string, stop: string) =>
      give([
        'services',
        'reopen',
        '--asset',
        XEM,
        '--stage',
        stage,
        '--stop',
        stop,
        '--why',
        'nothing was stolen',
        '--database',
        personUrl(who),
      ]);
    const look = () => give(['services', '--database', join(house.plan.folder, 'database', 'prover-url')]);
    await until('custody to see the thaw', async () =>
      /next: deposits/.test((await look()).out) ? true : undefined,
    );
    const [, stop = ''] =
      /^stop ([0-9]+) of nem:xem: frozen: nothing answers/m.exec((await look()).out) ?? [];
    expect(await reopen('ann', 'withdrawals', stop)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/the next stage of nem:xem is deposits/),
    });
    for (const stage of ['deposits', 'trading', 'withdrawals']) {
      expect(await reopen('ann', stage, stop)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^1 of 2 people/),
      });
      expect(await reopen('ann', stage, stop)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/has said so already/),
      });
      expect(await reopen('ben', stage, stop)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^2 of 2 people/),
      });
      await until(`${stage} to be open`, async () =>
        new RegExp(`${stage} +open`).test((await look()).out) ? true : undefined,
      );
    }
    expect((await signals()).slice(3)).toEqual([
      'service.open service:nem:xem:deposits',
      'service.open service:nem:xem:trading',
      'service.open service:nem:xem:withdrawals',
    ]);
    const { body } = done(await askWhileFrozen());
    await until('the withdrawal to be final', async () => {
      const shown = done(await clientOf(day).call('showWithdrawal', { params: { id: body.id } }));
      return shown.body.state === 'final' ? true : undefined;
    });
    // What was stopped when stands in the incident's timeline.
    const lines = await give([
      'services',
      'history',
      '--database',
      join(house.plan.folder, 'database', 'prover-url'),
    ]);
    writeFileSync(at('services.jsonl'), lines.out);
    const incident = join(house.plan.folder, 'watchtower', 'incident.jsonl');
    const { out } = await give(['incident', incident, at('services.jsonl')]);
    expect(out.match(/service stopped/g)).toHaveLength(3);
    expect(out.match(/service open/g)).toHaveLength(3);
  }, 120_000);
});

describe('keepers', () => {
  const version = async (change: (policy: Record<string, unknown>) => void, name: string) => {
    const file = JSON.parse(readFileSync(house.plan.policyFile, 'utf8')) as { bundles: { policy: object }[] };
    const newest = structuredClone(file.bundles.at(-1)?.policy) as Record<string, unknown>;
    const { out } = await kuramori('policy', 'check', house.plan.policyFile);
    newest['prev'] = /digest ([0-9a-f]{64})/.exec(out)?.[1];
    newest['version'] = (newest['version'] as number) + 1;
    change(newest);
    writeFileSync(at(name), JSON.stringify(newest));
    return at(name);
  };

  it('sign a version, put it behind the one before, and one of them objects while it waits', async () => {
    const source = await version((policy) => (policy['hotShareBps'] = 600), 'next.json');
    const unsigned = await kuramori('policy', 'add', source);
    expect(unsigned).toMatchObject({ code: 1 });
    const signing = await kuramori(
      'policy',
      'sign',
      source,
      '--key',
      person('keeper'),
      '--out',
      at('signed.json'),
    );
    expect(signing).toMatchObject({ code: 0, out: expect.stringMatching(/^version 2, digest [0-9a-f]{64}/) });
    const digest = /digest ([0-9a-f]{64})/.exec(signing.out)?.[1] ?? '';
    const added = await kuramori('policy', 'add', at('signed.json'));
    expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/version 2 stands behind version 1/) });
    expect(await kuramori('policy', 'add', at('signed.json'))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/version: is 2, and follows version 2/),
    });
    for (const name of ['signer-1', 'signer-2', 'watchtower', 'custody'] as const) await house.restart(name);
    expect(await kuramori('policy', 'object', digest, '--key', person('keeper'))).toMatchObject({
      code: 1,
      out: expect.stringMatching(/no version that this journal has taken up/),
    });
    const { withdrawal } = await withdraw(day, 'alice', 10n * xem, 2n * xem);
    expect(withdrawal.state).toBe('final');
    expect(await kuramori('policy', 'object', digest, '--key', person('keeper'))).toEqual({
      code: 0,
      out: 'signer-1  has it wait longer\nsigner-2  has it wait longer\n',
      err: '',
    });
  }, 90_000);

  it('cannot put in what signers would refuse: another signature, a version left out', async () => {
    const skipped = await version((policy) => (policy['version'] = 9), 'skipped.json');
    await kuramori('policy', 'sign', skipped, '--key', person('keeper'), '--out', at('skipped-signed.json'));
    const before = readFileSync(house.plan.policyFile);
    expect(await kuramori('policy', 'add', at('skipped-signed.json'))).toMatchObject({ code: 1 });
    const mine = await version(() => {}, 'mine.json');
    await kuramori('policy', 'sign', mine, '--key', at('nobody.seed'), '--out', at('mine-signed.json'));
    expect(await kuramori('policy', 'add', at('mine-signed.json'))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/0 of the 1 that it takes of the keepers of version 2/),
    });
    expect(readFileSync(house.plan.policyFile)).toEqual(before);
  }, 60_000);
});

describe('an operator whose trouble is one asset', () => {
  const freeze = (...more: readonly string[]) =>
    kuramori('freeze', '--key', person('operator'), '--why', 'its chain stands still', ...more);

  it('is told of an asset that the house does not hold, and nothing is frozen', async () => {
    expect(await freeze('--asset', 'nem:xem', '--asset', 'nem:doge')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--asset nem:doge is not an asset that this house holds/),
    });
    expect(await frozen('signer-1')).toBe(null);
  });

  it('stops it alone, with custody and its database dead; a thaw of the rest leaves it', async () => {
    for (const name of ['custody', 'postgres']) await house.kill(name);
    expect(await freeze('--asset', 'nem:xem')).toMatchObject({ code: 0 });
    expect(await frozen('signer-2')).toMatchObject({ assets: ['nem:xem'] });
    expect((await kuramori('thaw', 'status')).out).toMatch(
      /signer-1 +frozen\n +nem:xem, since .* by operator/,
    );
    const draft = at('rest.json');
    expect(await kuramori('thaw', 'draft', draft, '--keep', 'nem:xem')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/nothing stands but what --keep names/),
    });
    // Wider by the same hand: then there is something to lift, and the narrower one stays.
    expect(await freeze()).toMatchObject({ code: 0 });
    expect(await kuramori('thaw', 'draft', draft, '--keep', 'nem:xem')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^lifts\n  everything, since [^\n]*\nto answer/),
    });
    const { thaw } = JSON.parse(readFileSync(draft, 'utf8')) as { thaw: { lifts: string[] } };
    expect(thaw.lifts).toHaveLength(1);
  }, 60_000);
});
