/** A theft against a real watchtower, real signers and real nodes: its own lines make every report, by the real command. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encode, transactionHash } from '@kuramori/chains/nem/codec';
import { xem } from '../../core/testing/house.ts';
import {
  cold,
  cosigners,
  hot,
  lookout,
  stranger,
  thiefsAddress,
  until,
  type Lookout,
} from '../../watchtower/testing/lookout.ts';
import { cosigned, modification, transfer, wrapped } from '../../watchtower/testing/transactions.ts';
import { AddressList } from './addresses.ts';
import { IncidentRecord } from './record.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [first, second] = cosigners;
const message = 'thank you\n| all | is | well |</script>\u202e';

let l: Lookout;
let theft: ReturnType<typeof wrapped>;
const at = (name: string) => join(l.folder, name);
const report = (name: string) => readFileSync(join(at('report'), name), 'utf8');

function run(...args: readonly string[]) {
  const ran = spawnSync(process.execPath, [join(root, 'cli/main.ts'), 'incident', ...args], {
    encoding: 'utf8',
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

beforeAll(async () => {
  l = await lookout();
  await l.seeing();
  await l.announce(wrapped(first, modification(hot, [stranger], l.now(), 0), l.now()), first);
  const payload = Buffer.from(message).toString('hex');
  const inner = transfer(hot, thiefsAddress, xem('40000'), l.now(), { message: { kind: 'plain', payload } });
  theft = wrapped(first, inner, l.now());
  await l.announce(theft, first);
  await l.announce(cosigned(second, theft, hot, l.now()), second);
  await until('the evacuation', () => l.incident().includes('evacuation sent'), 20_000);
  const alarms = () => l.incident().filter((event) => event.startsWith('alarm')).length;
  await until('all three signatures to be alarmed about', () => alarms() === 3);
  await l.harvest();
  await until('the theft to be told from its block', () =>
    l.incident().includes('unexplained, and in a block'),
  );
});
afterAll(() => l[Symbol.asyncDispose]());

it('every format, both languages, from the lines of the real watchtower', () => {
  const ran = run(at('incident.jsonl'), '--out', at('report'));
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(readdirSync(at('report')).toSorted()).toEqual(
    [
      ...[
        'timeline',
        'regulator',
        'notice-customers',
        'notice-police',
        'notice-foundation',
        'notice-exchanges',
      ].flatMap((name) => [`${name}.en.md`, `${name}.ja.md`]),
      'incident.json',
      'addresses.csv',
      'addresses.json',
    ].toSorted(),
  );
  expect(statSync(at('report')).mode & 0o077).toBe(0);

  const record = IncidentRecord.parse(JSON.parse(report('incident.json')));
  const hash = transactionHash(encode(theft));
  const taken = record.transactions.find((one) => one.hash === hash);
  expect(taken).toMatchObject({ hash, wallet: 'hot', does: { of: { to: thiefsAddress } } });
  expect(taken?.inBlocks.length).toBeGreaterThan(0);
  expect(record.sums).toEqual([{ asset: 'nem:xem', announced: '40000000000', inBlocks: '40000000000' }]);
  expect(record.signers.map(({ signer }) => signer).toSorted()).toEqual(['signer-1', 'signer-2']);
  expect(record.evacuations.find(({ what }) => what === 'sent')).toMatchObject({ destination: cold.address });
  const times = [record.firstSight, record.firstAlarm, record.signers[0]?.at, record.evacuations[0]?.at];
  expect(times.every((time) => typeof time === 'number')).toBe(true);
  expect(times).toEqual(times.toSorted((a, b) => Number(a) - Number(b)));
  // Each signature on it is evidence, and the key that he wanted to put in is named.
  expect(taken?.signatures.map(({ signer }) => signer).toSorted()).toEqual(
    [first.publicKey, second.publicKey].toSorted(),
  );
  expect(record.named).toContainEqual(expect.objectContaining({ address: stranger.address, as: 'cosigner' }));

  for (const lang of ['en', 'ja']) {
    expect(report(`timeline.${lang}.md`)).toContain('40000 XEM (40000000000 micro-XEM)');
    expect(report(`notice-exchanges.${lang}.md`)).toContain(thiefsAddress);
    expect(report(`regulator.${lang}.md`)).toContain(hash);
    expect(report(`notice-police.${lang}.md`)).not.toMatch(/<\/script|\u202e/);
  }
  const machine = AddressList.parse(JSON.parse(report('addresses.json')));
  expect(machine.addresses).toContainEqual(
    expect.objectContaining({ address: thiefsAddress, as: 'recipient' }),
  );
  expect(report('addresses.csv')).toContain(`"address","${thiefsAddress}","recipient"`);
});

it('a report that is there is not written over; one alone goes to standard output', () => {
  run(at('incident.jsonl'), '--out', at('kept'));
  expect(run(at('incident.jsonl'), '--out', at('kept'))).toMatchObject({ code: 2, out: '' });
  const ran = run(at('incident.jsonl'), '--format', 'json');
  expect(IncidentRecord.parse(JSON.parse(ran.out)).v).toBe(1);
  expect(run(at('incident.jsonl'), '--lang', 'ja').out).toMatch(/^# インシデント経過記録/);
}, 60_000);

it.each([
  [[], /which files\?/],
  [['FILE', '--format', 'pdf'], /--format: must be one of timeline, json/],
  [['FILE', '--lang', 'de'], /--lang: must be one of en, ja/],
  [['FILE', '--since', 'then'], /--since: 'then' is no time/],
  [['/nowhere/incident.jsonl'], /\/nowhere\/incident\.jsonl: is not there/],
])('wrong calls say what to do: %j', (args, error) => {
  const { code, err } = run(...args.map((one) => (one === 'FILE' ? at('incident.jsonl') : one)));
  expect(code).toBeGreaterThan(0);
  expect(err).toMatch(error);
});

it('a damaged line is named with file and number, and nothing is written', () => {
  writeFileSync(
    at('damaged.jsonl'),
    `${readFileSync(at('incident.jsonl'), 'utf8')}{"at":"then","event":"alarm"}\n`,
  );
  const { code, err } = run(at('damaged.jsonl'), '--out', at('none'));
  expect(code).toBe(1);
  expect(err).toMatch(/damaged\.jsonl: line \d+: at: /);
  expect(readdirSync(l.folder)).not.toContain('none');
});
