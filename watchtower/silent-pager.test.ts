/** The pager is killed, hangs, or reaches nobody: the watchtower notes it, and tells a webhook that the pager cannot keep from it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pagerRoutes, type PagerStatus } from '@kuramori/core';
import { serveRoutes } from '@kuramori/program';
import { readWebhook } from '../client/index.ts';
import { configOf, post, secretOf, writeSecrets } from './pager/testing/desk.ts';
import { startPagerProcess, type PagerProcess } from './pager/testing/process.ts';
import { openReceiver, type Receiver } from './pager/testing/receiver.ts';
import { lookout, until, type Lookout } from './testing/lookout.ts';

let folder: string;
let direct: Receiver;
let phone: Receiver;
let l: Lookout;
let pager: PagerProcess | null;
const socket = () => ({ socket: join(folder, 'socket') });
const minded = () => ({ at: socket(), silenceMs: 1_000 });

/** What the watchtower's own webhook has heard, each verified. */
function heard(): readonly string[] {
  return direct.came.map(({ headers, body }) => {
    const read = readWebhook([secretOf(7)], (name) => headers[name]?.toString(), body);
    if (read.kind === 'refused') throw new Error(read.why);
    return (read.event as unknown as { event: string }).event;
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-silent-pager-'));
  writeSecrets(folder);
  [direct, phone] = [await openReceiver(), await openReceiver()];
  const more = {
    escalation: [{ afterMinutes: 0, who: ['on-call'] }],
    schedule: { first: '2026-01-05', handovers: [{ weekday: 'monday', at: '09:00' }], rotation: ['aiko'] },
    unreachedSeconds: 0.5,
    watch: { everySeconds: 60, silenceSeconds: 3_600 },
  };
  writeFileSync(join(folder, 'pager.json'), JSON.stringify(configOf(folder, { aiko: phone.url }, more)));
  pager = null;
});
afterEach(async () => {
  await l[Symbol.asyncDispose]();
  await pager?.kill();
  await direct[Symbol.asyncDispose]();
  await phone[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
const watching = () => lookout({ webhooks: [{ url: direct.url, secret: secretOf(7) }], pager: minded() });

describe('a pager that a watchtower minds', () => {
  it('killed is noted once and told directly; it is in order again once it answers for a while', async () => {
    pager = await startPagerProcess(join(folder, 'pager.json'));
    l = await watching();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(l.incident()).toEqual([]);
    await pager.kill();
    await until('the note', () => l.incident().includes('the pager is silent'));
    await until('the webhook', () => heard().includes('the pager is silent'));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(l.incident()).toEqual(['the pager is silent']);
    pager = await startPagerProcess(join(folder, 'pager.json'));
    await until('its end', () => l.incident().includes('the pager is in order again'));
    // Nothing of it stops or slows the watchtower itself.
    expect(l.tower().status().frozen).toBe(null);
  }, 30_000);

  it('never there at all is silent, too', async () => {
    l = await watching();
    await until('the note', () => l.incident().includes('the pager is silent'));
  }, 20_000);

  it('whose channels take nothing says so, and the watchtower tells who is left', async () => {
    phone.status = 500;
    pager = await startPagerProcess(join(folder, 'pager.json'));
    l = await watching();
    const body = JSON.stringify({ at: Date.now(), event: 'alarm: frozen' });
    const url = `http://127.0.0.1:${pager.http}/hook/tower-1`;
    expect(await post(url, body, 'msg_1', Date.now(), 1)).toBe(204);
    await until('the webhook', () => heard().includes('the pager reaches nobody'));
    expect(direct.came[0]?.body).toMatch(/no channel takes page p-[0-9a-f]{8}: alarm: frozen/);
  }, 20_000);

  it('that answers and does nothing is as good as silent', async () => {
    const stuck: PagerStatus = {
      kind: 'status',
      at: 100_000,
      looked: 90_000,
      onCall: 'aiko',
      open: 0,
      nobody: null,
      unwritten: 0,
      reviewDue: null,
      code: null,
    };
    const { status } = pagerRoutes;
    const server = await serveRoutes(socket(), { status }, { status: () => stuck });
    l = await watching();
    await until('the note', () => l.incident().includes('the pager is silent'));
    expect(direct.came.length).toBeLessThanOrEqual(1);
    await server.close();
  }, 20_000);
});
