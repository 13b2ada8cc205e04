/** A configuration that would page nobody: one line that names file and field, code 1, and nothing is served. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../program/testing/run.ts';
import { mustFit, PagerConfig } from './config.ts';
import { onCall } from './schedule.ts';
import { configOf, secretOf, writeSecrets } from './testing/desk.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-pager-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const write = (name: string, text: string, mode = 0o600) => {
  rmSync(at(name), { force: true });
  writeFileSync(at(name), text, { mode });
};
const urls = { aiko: 'http://127.0.0.1:9/', ben: 'http://127.0.0.1:9/' };
const right = configOf(folder, urls, { escalation: [{ afterMinutes: 0, who: ['on-call'] }] });
const change = (more: object) => () => write('pager.json', JSON.stringify({ ...right, ...more }));
const channel = (one: object) =>
  change({
    people: [
      { name: 'aiko', channels: [one] },
      { name: 'ben', channels: [one] },
    ],
  });
const hook = { kind: 'webhook', secretFile: at('hook') };
const mail = { host: '127.0.0.1', port: 25, tls: 'none', from: 'pager@exchange.example' };

const spoilt: readonly (readonly [what: string, line: RegExp, spoil: () => void])[] = [
  ['a field that nobody knows', /pager\.json: the whole file: .*"shedule"/, change({ shedule: {} })],
  ['nobody to page', /pager\.json: people: /, change({ people: [] })],
  [
    'a person without a channel',
    /pager\.json: people\.0\.channels: /,
    change({ people: [{ name: 'aiko', channels: [] }] }),
  ],
  [
    'a person twice',
    /pager\.json: people: aiko stands twice/,
    change({ people: ['aiko', 'aiko', 'ben'].map((name) => ({ name, channels: [{ kind: 'log' }] })) }),
  ],
  [
    'a person called on-call',
    /pager\.json: people: nobody can be called on-call/,
    change({ people: ['aiko', 'ben', 'on-call'].map((name) => ({ name, channels: [{ kind: 'log' }] })) }),
  ],
  [
    'a turn of somebody unknown',
    /pager\.json: schedule\.rotation: carol is not among the people/,
    change({
      schedule: { first: '2026-01-05', handovers: [{ weekday: 'monday', at: '09:00' }], rotation: ['carol'] },
    }),
  ],
  [
    'a day that there is not',
    /pager\.json: schedule\.first: /,
    change({
      schedule: { first: '2026-02-30', handovers: [{ weekday: 'monday', at: '09:00' }], rotation: ['ben'] },
    }),
  ],
  [
    'an hour that there is not',
    /pager\.json: schedule\.handovers\.0\.at: must be a time of day/,
    change({
      schedule: { first: '2026-01-05', handovers: [{ weekday: 'monday', at: '24:00' }], rotation: ['ben'] },
    }),
  ],
  ['a zone by its name', /pager\.json: zone: must be an offset from UTC/, change({ zone: 'Asia/Tokyo' })],
  ['nobody to call', /pager\.json: escalation: /, change({ escalation: [] })],
  [
    'nobody called at once',
    /pager\.json: escalation\.0\.afterMinutes: must be 0/,
    change({ escalation: [{ afterMinutes: 5, who: ['on-call'] }] }),
  ],
  [
    'levels out of order',
    /pager\.json: escalation\.2\.afterMinutes: must be more than the 10 before it/,
    change({ escalation: [0, 10, 10].map((afterMinutes) => ({ afterMinutes, who: ['ben'] })) }),
  ],
  [
    'a level of somebody unknown',
    /pager\.json: escalation\.0\.who: carol is neither among the people nor/,
    change({ escalation: [{ afterMinutes: 0, who: ['carol'] }] }),
  ],
  [
    'an alarm that is ignored',
    /pager\.json: events\.alarm: must page/,
    change({ events: { alarm: 'ignore' } }),
  ],
  [
    'an event that no watchtower tells',
    /pager\.json: events/,
    change({ events: { 'the sky falls': 'page' } }),
  ],
  [
    'a webhook without TLS',
    /pager\.json: people\.0\.channels\.0\.url: must be https/,
    channel({ ...hook, url: 'http://example.com/' }),
  ],
  [
    'a webhook whose secret is none',
    /people\.0\.channels\.0\.secretFile: must hold whsec_/,
    () => {
      write('hook', 'whsec_???\n');
      channel({ ...hook, url: 'https://example.com/' })();
    },
  ],
  [
    'a watchtower whose secret is none',
    /watchtowers\.0\.secretFile: must hold whsec_/,
    () => write('tower-1', 'secret\n'),
  ],
  [
    'a secret that others may read',
    /tower-2: others may read this secret/,
    () => chmodSync(at('tower-2'), 0o644),
  ],
  ['a secret that is not there', /tower-3: is not there/, () => rmSync(at('tower-3'))],
  [
    'a watchtower twice',
    /pager\.json: watchtowers: tower-1 stands twice/,
    change({
      watchtowers: ['tower-1', 'tower-1'].map((name) => ({
        name,
        at: { socket: at(name) },
        secretFile: at(name),
      })),
    }),
  ],
  [
    'links that somebody guesses',
    /linkSecretFile: must hold at least 32 letters/,
    () => write('link', 'secret\n'),
  ],
  [
    'links without TLS',
    /pager\.json: http\.links: must be https/,
    change({ http: { port: 0, links: 'http://pager.example/' } }),
  ],
  [
    'a door that is open to the world',
    /pager\.json: http\.host: /,
    change({ http: { port: 0, host: '0.0.0.0', links: 'https://pager.example/' } }),
  ],
  [
    'mail without a server',
    /pager\.json: mail: says no server, and aiko is to get mail/,
    channel({ kind: 'mail', to: 'a@exchange.example' }),
  ],
  [
    'mail without TLS to elsewhere',
    /pager\.json: mail\.tls: must be 'implicit' or 'starttls'/,
    change({ mail: { ...mail, host: 'mail.exchange.example' } }),
  ],
  ['mail to nobody', /pager\.json: people\.0\.channels\.0\.to: /, channel({ kind: 'mail', to: 'aiko' })],
  [
    'a Slack webhook that is no URL',
    /people\.0\.channels\.0\.urlFile: must hold the https URL/,
    () => {
      write('slack', 'hooks.slack.com\n');
      channel({ kind: 'slack', urlFile: at('slack') })();
    },
  ],
  [
    'a PagerDuty without TLS',
    /channels\.0\.url: must be https/,
    channel({ kind: 'pagerduty', routingKeyFile: at('hook'), url: 'http://pd.example' }),
  ],
  ['no test page', /pager\.json: test: /, change({ test: undefined })],
  ['no review', /pager\.json: review: /, change({ review: undefined })],
  [
    'a driven clock on the mainnet',
    /pager\.json: clock: a driven clock is for a devnet only/,
    change({ network: 'mainnet', clock: { kind: 'driven', file: at('clock') } }),
  ],
  [
    'a damaged journal',
    /pages\.jsonl: line 1 is damaged: restore the file/,
    () => write('pages.jsonl', '{}\n'),
  ],
  [
    'a journal of which a line is gone',
    /pages\.jsonl: line 1 is damaged: restore the file/,
    () => write('pages.jsonl', '{"n":2,"at":1,"said":{"kind":"started"}}\n'),
  ],
];

describe('the pager’s program', () => {
  it.each(spoilt)('%s', async (_what, line, spoil) => {
    writeSecrets(folder);
    for (const name of ['pages.jsonl', 'tower-1', 'tower-2', 'tower-3', 'hook'])
      rmSync(at(name), { force: true });
    writeSecrets(folder);
    change({})();
    spoil();
    const { code, out, lines } = await runProgram('watchtower/pager/main.ts', at('pager.json'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(lines.length, lines.join('\n')).toBe(1);
    expect(lines[0]).toMatch(line);
    expect(lines[0]).not.toContain(secretOf(1));
  });
});

describe('the example of docs/pager.md', () => {
  it('is a configuration', () => {
    const text = readFileSync(new URL('../../docs/pager.md', import.meta.url), 'utf8');
    const example = /```json\n(?<json>[^`]*)```/.exec(text)?.groups?.['json'] ?? '';
    const config = PagerConfig.parse(JSON.parse(example));
    mustFit('docs/pager.md', config);
    expect(config.people.length).toBe(3);
  });
});

describe('whose turn it is', () => {
  const of = (
    zone: string,
    rotation: readonly string[],
    now: string,
    handovers = [{ weekday: 'monday' as const, at: '09:00' }],
  ) =>
    onCall({ zone, schedule: { first: '2026-01-05', handovers, rotation: [...rotation] } }, Date.parse(now));

  it('is counted from the first day, in the zone’s own time, for ever, and before', () => {
    const two = ['aiko', 'ben'];
    expect(of('+09:00', two, '2026-01-05T00:00:00Z')).toBe('aiko');
    expect(of('+09:00', two, '2026-01-04T23:59:59Z')).toBe('ben');
    expect(of('+09:00', two, '2026-01-11T23:59:59Z')).toBe('aiko');
    expect(of('+09:00', two, '2026-01-12T00:00:00Z')).toBe('ben');
    expect(of('-05:00', two, '2026-01-12T13:59:59Z')).toBe('aiko');
    expect(of('-05:00', two, '2026-01-12T14:00:00Z')).toBe('ben');
    expect(of('+09:00', ['aiko', 'ben', 'chiyo'], '2027-01-04T00:00:00Z')).toBe(
      ['aiko', 'ben', 'chiyo'][52 % 3],
    );
  });

  it('may change more than once a week', () => {
    const twice = [
      { weekday: 'monday' as const, at: '09:00' },
      { weekday: 'friday' as const, at: '18:00' },
    ];
    const on = (now: string) => of('+09:00', ['aiko', 'ben', 'chiyo'], now, twice as never);
    expect(on('2026-01-05T00:00:00Z')).toBe('aiko');
    expect(on('2026-01-09T08:59:59Z')).toBe('aiko');
    expect(on('2026-01-09T09:00:00Z')).toBe('ben');
    expect(on('2026-01-12T00:00:00Z')).toBe('chiyo');
    expect(on('2026-01-16T09:00:00Z')).toBe('aiko');
  });
});
