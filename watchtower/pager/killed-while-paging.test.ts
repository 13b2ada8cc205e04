/** The real pager is killed in the middle, or its disk is full: what was open goes on, nobody is called twice needlessly, nothing is forgotten. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pagerRoutes, type Page } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { mountDisk } from '../../sandbox/chaos/disk.ts';
import { readPages } from './index.ts';
import { configOf, post, writeSecrets } from './testing/desk.ts';
import { startPagerProcess, type PagerProcess } from './testing/process.ts';
import { openReceiver, type Came, type Receiver } from './testing/receiver.ts';

let folder: string;
let aiko: Receiver;
let ben: Receiver;
let running: PagerProcess[];
const fast = {
  // Seconds instead of minutes, and no watchtower is there to be asked.
  escalation: [
    { afterMinutes: 0, who: ['aiko'] },
    { afterMinutes: 4 / 60, who: ['ben'] },
  ],
  repeatMinutes: 100,
  schedule: { first: '2026-01-05', handovers: [{ weekday: 'monday', at: '09:00' }], rotation: ['aiko'] },
  watch: { everySeconds: 60, silenceSeconds: 3_600 },
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-killed-pager-'));
  running = [];
  [aiko, ben] = [await openReceiver(), await openReceiver()];
  writeSecrets(folder);
  write(fast);
});
afterEach(async () => {
  for (const one of running) await one.kill();
  await aiko[Symbol.asyncDispose]();
  await ben[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const path = () => join(folder, 'pager.json');
const journal = () => join(folder, 'pages.jsonl');
const write = (more: object) =>
  writeFileSync(path(), JSON.stringify(configOf(folder, { aiko: aiko.url, ben: ben.url }, more)));
async function start(...flags: readonly string[]): Promise<PagerProcess> {
  const one = await startPagerProcess(path(), ...flags);
  running.push(one);
  return one;
}
const tell = (one: PagerProcess, event: string, id: string) =>
  post(
    `http://127.0.0.1:${one.http}/hook/tower-1`,
    JSON.stringify({ at: Date.now(), chainTime: 0, event }),
    id,
    Date.now(),
    1,
  );
const calls = ({ came }: Receiver): readonly Came[] =>
  came.filter(({ body }) => body.includes('page.called'));
const idsOf = (all: readonly Came[]) => all.map(({ headers }) => headers['webhook-id']);
async function until(what: string, look: () => boolean | Promise<boolean>, ms = 8_000): Promise<void> {
  const began = performance.now();
  while (!(await look())) {
    if (performance.now() - began > ms) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function pages(): Promise<readonly Page[]> {
  const answer = await call({ socket: join(folder, 'socket') }, pagerRoutes.pages, { all: true });
  return answer.kind === 'pages' ? answer.pages : [];
}

describe('killed with SIGKILL', () => {
  it('after the first call: the second level is called by the time that stands in the journal, the first not again', async () => {
    const first = await start();
    expect(await tell(first, 'alarm: frozen', 'msg_1')).toBe(204);
    await until('the first call to be noted', () => readFileSync(journal(), 'utf8').includes('"delivered"'));
    await first.kill();
    const second = await start();
    // What the watchtower tells again, since it heard no answer, is nothing new.
    expect(await tell(second, 'alarm: frozen', 'msg_1')).toBe(204);
    await until('the second level to be called', () => calls(ben).length === 1);
    const [page] = await pages();
    expect((page?.calls[1]?.at ?? 0) - (page?.opened ?? 0)).toBeGreaterThanOrEqual(4_000);
    expect(calls(aiko).length).toBe(1);
    expect((await pages()).length).toBe(1);
  }, 20_000);

  it('between taking the event and calling: it calls after the start, once', async () => {
    // Its first three sends ask the watchtowers how they are.
    const first = await start('--die-at=send:before:4');
    expect(await tell(first, 'alarm: frozen', 'msg_1')).toBe(204);
    await first.exited;
    expect(calls(aiko)).toEqual([]);
    await start();
    await until('the call', () => calls(aiko).length === 1);
    await pause(500);
    expect(calls(aiko).length).toBe(1);
  }, 20_000);

  it('between calling and noting it: it calls again, by the same id, so that whoever has it can tell', async () => {
    const first = await start('--die-at=send:after:1');
    await tell(first, 'alarm: frozen', 'msg_1');
    await first.exited;
    await start();
    await until('the second try', () => calls(aiko).length === 2);
    expect(new Set(idsOf(calls(aiko))).size).toBe(1);
  }, 20_000);

  it('after the answer: it stays answered, and nobody is called', async () => {
    const first = await start();
    await tell(first, 'alarm: frozen', 'msg_1');
    await until('the call', () => calls(aiko).length === 1);
    const [page] = await pages();
    const at = { socket: join(folder, 'socket') };
    expect(await call(at, pagerRoutes.acknowledge, { page: page?.id ?? '', by: 'ben' })).toEqual({
      kind: 'done',
    });
    await first.kill();
    await start();
    await pause(5_000);
    expect(await pages()).toMatchObject([
      { state: 'acknowledged', answers: [{ by: 'ben', how: 'command' }] },
    ]);
    expect(calls(ben)).toEqual([]);
    expect(calls(aiko).length).toBe(1);
  }, 20_000);

  it('in the middle of a line: the torn one is cut off, and told again by the watchtower', async () => {
    const first = await start();
    await tell(first, 'alarm: frozen', 'msg_1');
    await until('the call to be noted', () => readFileSync(journal(), 'utf8').includes('"delivered"'));
    await first.kill();
    appendFileSync(journal(), '{"n":6,"at":1,"said":{"kind":"told","tow');
    const second = await start();
    expect(await tell(second, 'claims above holdings', 'msg_2')).toBe(204);
    await until('the second page', async () => (await pages()).length === 2);
    await second.stop();
    // Whoever reads it later sees who was called, and who was reached.
    const read = readPages(journal());
    expect(read.pages[0]).toMatchObject({
      topic: 'alarm: frozen',
      calls: [
        { people: ['aiko'], reached: ['aiko'], why: 'opened' },
        ...(read.pages[0]?.calls.slice(1) ?? []),
      ],
    });
    expect(read.lines.map(({ n }) => n)).toEqual(read.lines.map((_, index) => index + 1));
  }, 20_000);
});

describe('a full disk', () => {
  const mounted = mkdtempSync(join(tmpdir(), 'kuramori-pager-disk-'));
  const disk = mountDisk(mounted, 256 * 1024, 'kuramori-test');
  afterAll(() => {
    disk?.[Symbol.dispose]();
    rmSync(mounted, { recursive: true, force: true });
  });

  it.skipIf(disk === null)(
    'people are called all the same; the watchtower hears that it is not written, and everything is once there is room',
    async () => {
      const full = disk as NonNullable<typeof disk>;
      const file = join(mounted, 'pages.jsonl');
      write({ ...fast, pages: file });
      const one = await start();
      full.fill();
      let status = 204;
      for (let n = 0; status === 204 && n < 50; n += 1) status = await tell(one, 'signer frozen', `msg_${n}`);
      expect(status).toBe(503);
      expect(await tell(one, 'alarm: frozen', 'msg_alarm')).toBe(503);
      await until('the call', () => calls(aiko).some(({ body }) => body.includes('alarm: frozen')));
      await until('the second level', () => calls(ben).length > 0);
      full.free();
      await until('the alarm to be on the disk', () => readFileSync(file, 'utf8').includes('alarm: frozen'));
      expect(await tell(one, 'alarm: frozen', 'msg_alarm')).toBe(204);
      await one.kill();
      const { lines, pages: read } = readPages(file);
      expect(lines.map(({ n }) => n)).toEqual(lines.map((_, index) => index + 1));
      expect(read.filter(({ topic }) => topic === 'alarm: frozen')).toMatchObject([
        { calls: [{ reached: ['aiko'] }, { reached: ['ben'] }] },
      ]);
      await start();
      expect(calls(aiko).filter(({ body }) => body.includes('alarm: frozen')).length).toBe(1);
    },
    30_000,
  );
});
