/** What nodes push makes the watchtower look at once, and is believed by nobody: lies, floods and silence change the pace and nothing else. */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connected, frame, message, Pusher } from '../chains/nem/node/testing/pusher.ts';
import { xem } from '../core/testing/house.ts';
import { openBell } from './bell.ts';
import { cosigners, hot, lookout, thiefsAddress, until, type Lookout } from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

let l: Lookout;
afterEach(() => l[Symbol.asyncDispose]());

/** No look within a test, unless something hastens it. */
const rare = { pollMs: 60_000, silenceMs: 120_000, signs: { slowRounds: { seconds: 86_400 } } } as const;
const frozen = () => l.tower().status().frozen;
const [thiefsKey] = cosigners;
const steal = () =>
  l.announce(wrapped(thiefsKey, transfer(hot, thiefsAddress, xem('40000'), l.now()), l.now()), thiefsKey);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const pushSigns = () => l.told().filter(({ sign }) => sign === 'pushSilent');

/** Subscriptions stand once a block is seen long before a poll. */
async function listening(): Promise<void> {
  await until('a push to be heeded', async () => {
    await l.harvest();
    await pause(100);
    const height = l.nodes[0].core.chain.last().block.height;
    return l.sees().nodes.every((node) => node.height === height);
  });
}

describe('polls a minute apart', () => {
  it('a theft is seen by the look that a push began, while it is unconfirmed', async () => {
    l = await lookout({ ...rare, pushes: true });
    await l.seeing();
    await listening();
    const began = performance.now();
    expect(await steal()).toBe(1);
    await until('the freeze', () => frozen() !== null, 2_000);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(frozen()?.freeze.why).toContain('a proposed transfer unconfirmed: no record covers it');
    await until('the evacuation', () => l.incident().includes('evacuation sent'));
  });

  it('without pushes the same theft waits for the next look', async () => {
    l = await lookout(rare);
    await l.seeing();
    expect(await steal()).toBe(1);
    await pause(1_500);
    expect(frozen()).toBe(null);
  });

  it('is stopped at once, all the same', async () => {
    l = await lookout({ ...rare, pushes: true });
    await l.seeing();
    const began = performance.now();
    await l.stopTower();
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('a node that lies by what it pushes', () => {
  it('10,000 messages of a theft that is none, and garbage: nothing is frozen, looks go on, the real theft is seen', async () => {
    const lie = JSON.stringify({
      transaction: { type: 257, signer: hot.publicKey, recipient: thiefsAddress },
    });
    const flood = Buffer.concat(
      Array.from({ length: 10_000 }, (_, index) => message(index % 2 === 0 ? lie : '\u202e{"height":-1')),
    );
    await using pusher = await Pusher.open((socket) => {
      socket.write(connected);
      socket.write(frame(Buffer.from([0xff, 0xfe, 0])));
    });
    l = await lookout({ pushes: async ([first = '']) => [first, pusher.url] });
    await l.seeing();
    await until('the watchtower to listen', () => pusher.sockets.size === 1);
    const before = l.sees().rounds;
    for (const socket of pusher.sockets) socket.write(flood);
    const began = performance.now();
    await pause(1_000);
    const passed = performance.now() - began;
    // Of both nodes: the one whose pushes lie is looked at, too, and no faster than one look after another, each 10 ms.
    const rounds = l.sees().rounds - before;
    expect(rounds).toBeGreaterThan(0);
    expect(rounds).toBeLessThan(passed / 10 + 1);
    expect(frozen()).toBe(null);
    expect(l.sees().blind).toBe(null);
    for (const socket of pusher.sockets) socket.write(flood);
    await steal();
    await until('the freeze', () => frozen() !== null, 20_000);
  });

  it('a stranger who speaks on a node’s own topic hastens a look, and nothing more', async () => {
    l = await lookout({ ...rare, pushes: true });
    await l.seeing();
    await listening();
    const before = l.sees().rounds;
    for (const { websocketUrl } of l.nodes) {
      const stranger = new WebSocket(websocketUrl ?? '');
      await new Promise((resolve) => stranger.addEventListener('open', resolve));
      stranger.send('CONNECT\naccept-version:1.2\n\n\0');
      stranger.send(`SEND\ndestination:/unconfirmed/${hot.address}\n\n{"transaction":{"type":257}}\0`);
    }
    await until('a look', () => l.sees().rounds > before);
    expect(frozen()).toBe(null);
    expect(l.sees().blind).toBe(null);
  });
});

describe('a subscription that has died', () => {
  it('cut: polls still see the theft, it is told, made again, and over', async () => {
    await using line = await Line.open();
    l = await lookout({
      signs: { pushSilent: { blocks: 1_000, seconds: 1 } },
      pushes: async ([first = '', second = '']) => [first, line.to(second)],
    });
    await l.seeing();
    await until('the watchtower to listen', () => line.ways > 0);
    line.cut(true);
    expect(await steal()).toBe(1);
    await until('the freeze', () => frozen() !== null, 2_000);
    await until('the sign', () => pushSigns().length > 0);
    expect(pushSigns()).toMatchObject([
      {
        event: 'monitoring degraded: a node pushes nothing',
        node: l.nodes[1].url,
        connected: false,
        why: expect.stringMatching(/^ws:.+ .+/),
      },
    ]);
    line.cut(false);
    await until('it to be over', () =>
      l.told().some(({ event, about }) => event === 'a sign is over' && about === pushSigns()[0]?.event),
    );
    expect(pushSigns()).toHaveLength(1);
  });

  it('connected and mute: told after three blocks that polls show, over by the first push', async () => {
    await using pusher = await Pusher.open((socket) => void socket.write(connected));
    l = await lookout({ pushes: async ([first = '']) => [first, pusher.url] });
    await l.seeing();
    await until('the watchtower to listen', () => pusher.sockets.size === 1);
    await pause(1_500);
    for (let blocks = 0; blocks < 2; blocks += 1) await l.harvest();
    await pause(2_500);
    expect(pushSigns()).toEqual([]);
    await l.harvest();
    await until('the sign', () => pushSigns().length > 0);
    expect(pushSigns()).toMatchObject([{ node: l.nodes[1].url, connected: true, blocks: 3 }]);
    for (const socket of pusher.sockets) socket.write(message(''));
    await until('it to be over', () => l.incident().includes('a sign is over'));
  });
});

it('a bell that rings without end begins no round sooner than 10 ms after another, and one ring is never lost', async () => {
  l = await lookout();
  const bell = openBell();
  const ringing = setInterval(bell.ring, 1);
  let rounds = 0;
  for (const ends = performance.now() + 500; performance.now() < ends; rounds += 1) await bell.wait(60_000);
  clearInterval(ringing);
  expect(rounds).toBeGreaterThan(10);
  expect(rounds).toBeLessThanOrEqual(51);
  // While nobody waits, as during a round.
  bell.ring();
  const began = performance.now();
  await bell.wait(60_000);
  expect(performance.now() - began).toBeLessThan(1_000);
  await bell.wait(50);
  expect(performance.now() - began).toBeGreaterThan(50);
});

/** A line to a node's WebSocket that can be cut. */
class Line implements AsyncDisposable {
  /** How many go through it. */
  get ways(): number {
    return this.through.size;
  }
  private readonly through = new Set<Socket>();
  private isCut = false;
  private port = 0;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((socket) => {
      if (this.isCut) {
        socket.destroy();
        return;
      }
      const other = connect(this.port, '127.0.0.1');
      for (const [one, another] of [
        [socket, other],
        [other, socket],
      ] as const) {
        this.through.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          this.through.delete(one);
          another.destroy();
        });
        one.pipe(another);
      }
    });
  }

  static async open(): Promise<Line> {
    const line = new Line();
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  to(url: string): string {
    this.port = Number(new URL(url).port);
    const address = this.server.address();
    return url.replace(`:${this.port}/`, `:${typeof address === 'object' ? address?.port : ''}/`);
  }

  cut(isCut: boolean): void {
    this.isCut = isCut;
    if (isCut) for (const socket of this.through) socket.destroy();
  }

  async [Symbol.asyncDispose]() {
    this.cut(true);
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
