/** The pager asks real watchtowers: one that is silent, sees nothing, is not open, or froze without being heard, is a page. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchtowerRoutes, type WatchtowerStatus } from '@kuramori/core';
import { serveRoutes, type Listening } from '@kuramori/program';
import { openDesk, type Desk } from './testing/desk.ts';
import { openWatch, type Watch } from './watch.ts';

type Serving = Awaited<ReturnType<typeof serveRoutes>>;
const names = ['tower-1', 'tower-2', 'tower-3'] as const;
type Name = (typeof names)[number];

let desk: Desk;
let watch: Watch;
let served: Map<Name, Serving>;
const says = new Map<Name, Partial<WatchtowerStatus>>();

const socketOf = (name: Name): Listening & { socket: string } => ({
  socket: `${desk.folder}/${name}.socket`,
});
const sees: WatchtowerStatus['chains'][number] = {
  chain: 'nem',
  blind: null,
  nodes: [],
  rounds: 1,
  roundBegan: 0,
};
const well: WatchtowerStatus = {
  kind: 'status',
  watchtower: '00'.repeat(32),
  policy: '00'.repeat(32),
  at: 0,
  frozen: null,
  freezes: [],
  thaws: [],
  open: true,
  chains: [sees],
  signers: [],
  evacuation: null,
  books: { heard: null, chains: [], findings: [] },
  signs: [],
  code: null,
};
const frozen = {
  freeze: { by: '00'.repeat(32), at: 1, why: 'a transfer unconfirmed' },
  signature: '00'.repeat(64),
};
const { status: statusRoute } = watchtowerRoutes;

/** Serves the real route on the real socket. */
async function serve(name: Name): Promise<void> {
  const answers = { status: () => ({ ...well, ...says.get(name) }) };
  served.set(name, await serveRoutes(socketOf(name), { status: statusRoute }, answers));
}
async function silence(name: Name): Promise<void> {
  await served.get(name)?.close();
  served.delete(name);
}
function newWatch(): Watch {
  return openWatch({
    towers: names.map((name) => ({ name, at: socketOf(name) })),
    state: desk.pager().state,
    record: desk.pager().record,
    now: () => desk.clock.ms,
    silenceMs: 30_000,
  });
}

beforeEach(async () => {
  desk = await openDesk();
  served = new Map();
  says.clear();
  for (const name of names) await serve(name);
  watch = newWatch();
});
afterEach(async () => {
  for (const name of served.keys()) await silence(name);
  await desk[Symbol.asyncDispose]();
});

/** Asks every five seconds. */
async function pass(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    desk.clock.ms += 5_000;
    await watch.ask();
  }
  await desk.pass(0);
}
const open = () => desk.pages().map(({ topic, state }) => `${topic}: ${state}`);

describe('a watchtower', () => {
  it('that is well is no page', async () => {
    await pass(120);
    expect(open()).toEqual([]);
  });

  it('that is silent for half a minute is a page, and not sooner; over when it has answered and so has somebody', async () => {
    await silence('tower-2');
    await pass(30);
    expect(open()).toEqual([]);
    await pass(10);
    expect(open()).toEqual(['tower-2 is silent: open']);
    expect(desk.called()).toEqual(['aiko']);
    await serve('tower-2');
    await pass(60);
    // It was silent, and somebody must know.
    expect(open()).toEqual(['tower-2 is silent: open']);
    desk.pager().routes.acknowledge({ page: desk.pages()[0]?.id ?? '', by: 'aiko' });
    await desk.pass(0.1);
    expect(open()).toEqual([]);
  });

  it('that answers again for a moment is not over, and one that comes and goes is one page', async () => {
    await silence('tower-2');
    await pass(40);
    desk.pager().routes.acknowledge({ page: desk.pages()[0]?.id ?? '', by: 'aiko' });
    for (let n = 0; n < 5; n += 1) {
      await serve('tower-2');
      await pass(10);
      await silence('tower-2');
      await pass(10);
    }
    expect(open()).toEqual(['tower-2 is silent: acknowledged']);
    expect(desk.said('opened').length).toBe(1);
  });

  it('that answers, but sees nothing or is not open, is a page for each', async () => {
    says.set('tower-1', { chains: [sees, { ...sees, chain: 'litecoin', blind: 'node1 is silent' }] });
    says.set('tower-3', { open: false });
    await pass(40);
    expect(open()).toEqual(['tower-1 is blind on litecoin: open', 'tower-3 is not open: open']);
    expect(desk.pages()[0]?.what).toBe('tower-1 is blind on litecoin: node1 is silent');
  });

  it('that answers out of form is as silent as one that says nothing', async () => {
    says.set('tower-1', { chains: [{ ...sees, rounds: -1 }] });
    await pass(40);
    expect(open()).toEqual(['tower-1 is silent: open']);
  });

  it('that froze while the pager was down is a page by its status alone; and one with what another tells', async () => {
    says.set('tower-1', { frozen, freezes: [frozen] });
    await desk.restart();
    watch = newWatch();
    await pass(40);
    expect(open()).toEqual(['alarm: frozen: open']);
    expect(desk.pages()[0]?.what).toContain('a transfer unconfirmed');
    await desk.tell('tower-2', 'alarm: frozen');
    await desk.pass(0);
    expect(desk.pages().length).toBe(1);
    desk.pager().routes.acknowledge({ page: desk.pages()[0]?.id ?? '', by: 'aiko' });
    says.delete('tower-1');
    await desk.tell('tower-2', 'thawed', { standing: 0 });
    await pass(40);
    expect(open()).toEqual([]);
  });

  it('all three silent at once are three pages: three machines to look at', async () => {
    for (const name of names) await silence(name);
    await pass(40);
    expect(open().length).toBe(3);
  });
});
