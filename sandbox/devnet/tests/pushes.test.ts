/** The node's WebSocket: STOMP as NIS's Spring speaks it, and what MessagingService pushes to whom. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { unixMsOf } from '@kuramori/chains/nem/codec';
import { listenForPushes } from '@kuramori/chains/nem/node';
import { startNode } from '../index.ts';
import { people, person, startUnderTest, type NodeUnderTest } from './node-under-test.testing.ts';
import { convert, cosignature, transfer, wrapper } from './transactions.testing.ts';

const [alice, bob, carol, desk] = people('alice', 'bob', 'carol', 'desk');
const stranger = person('stranger');
let n: NodeUnderTest;
beforeEach(async () => {
  n = await startUnderTest({
    balances: [alice, bob, carol, desk].map(({ address }) => [address, 1_000] as const),
    config: { websocketPort: 0 },
  });
});
afterEach(() => n[Symbol.asyncDispose]());

interface Frame {
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A client that says what the test says, byte for byte. */
class Client {
  readonly frames: Frame[] = [];
  closed: number | null = null;
  private readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.frames.push(frameOf(data.toString())));
    socket.on('close', (code) => (this.closed = code));
    socket.on('error', () => {});
  }

  static async open(): Promise<Client> {
    const socket = new WebSocket(n.node.websocketUrl ?? '');
    const client = new Client(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return client;
  }

  static async connected(...topics: readonly string[]): Promise<Client> {
    const client = await Client.open();
    client.say('CONNECT\naccept-version:1.1,1.2\nheart-beat:0,0\n\n\0');
    topics.forEach((topic, index) => client.say(`SUBSCRIBE\nid:sub-${index}\ndestination:${topic}\n\n\0`));
    await client.until(1);
    await client.round();
    return client;
  }

  say(text: string | Buffer): void {
    this.socket.send(text);
  }

  ask(path: string, body: unknown): void {
    this.say(`SEND\ndestination:/w/api${path}\n\n${JSON.stringify(body)}\0`);
  }

  /** Once this is answered everything that was said before has been taken. */
  async round(): Promise<void> {
    await new Promise((resolve) => {
      this.socket.once('pong', resolve);
      this.socket.ping();
    });
  }

  async until(count: number): Promise<void> {
    const began = performance.now();
    while (this.frames.length < count) {
      if (performance.now() - began > 5_000)
        throw new Error(`waited for frame ${count} of ${JSON.stringify(this.frames)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async untilClosed(): Promise<number> {
    const began = performance.now();
    while (this.closed === null) {
      if (performance.now() - began > 5_000) throw new Error('waited for the connection to be closed');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return this.closed;
  }

  /** Bodies by topic. */
  heard(topic: string): readonly unknown[] {
    return this.frames.flatMap(({ command, headers, body }) =>
      command === 'MESSAGE' && headers['destination'] === topic ? [JSON.parse(body) as unknown] : [],
    );
  }

  end(): void {
    this.socket.terminate();
  }
}

function frameOf(text: string): Frame {
  const [head = '', ...rest] = text.split('\n\n');
  const [command = '', ...lines] = head.split('\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
  return { command, headers, body: rest.join('\n\n').replace(/\0$/, '') };
}

describe('a conversation', () => {
  it('CONNECT, SUBSCRIBE, a block, UNSUBSCRIBE, silence, DISCONNECT', async () => {
    const client = await Client.connected('/blocks/new');
    expect(client.frames).toEqual([
      { command: 'CONNECTED', headers: { version: '1.2', 'heart-beat': '0,0' }, body: '' },
    ]);
    await n.harvest();
    await client.until(2);
    expect(client.frames[1]).toEqual({
      command: 'MESSAGE',
      headers: {
        destination: '/blocks/new',
        subscription: 'sub-0',
        'message-id': expect.stringMatching(/^[0-9a-f]{8}-1$/),
        'content-length': '14',
      },
      body: '{"height":2}\r\n',
    });
    client.say('UNSUBSCRIBE\nid:sub-0\n\n\0');
    await client.round();
    await n.harvest();
    client.say('DISCONNECT\nreceipt:77\n\n\0');
    expect(await client.untilClosed()).toBe(1005);
    expect(client.frames.slice(2)).toEqual([
      { command: 'RECEIPT', headers: { 'receipt-id': '77' }, body: '' },
    ]);
  });

  it('frames in parts, several in one message, ends of lines between them, carriage returns', async () => {
    const client = await Client.open();
    client.say('CONN');
    client.say('ECT\r\naccept-version:1.1\r\n\r\n\0\n\n');
    client.say('SUBSCRIBE\nid:a\ndestination:/blocks/new\n\n\0\nSUBSCRIBE\nid:b\ndestination:/blocks\n\n\0');
    await client.round();
    await n.harvest();
    await client.until(3);
    expect(client.frames[0]?.headers['version']).toBe('1.1');
    expect(client.frames.slice(1).map(({ headers }) => headers['subscription'])).toEqual(['a', 'b']);
  });

  it.each([
    ['a command that is none', 'HELLO\n\n\0'],
    ['a command of the server', 'MESSAGE\n\n\0'],
    ['a header without colon', 'SUBSCRIBE\nid\n\n\0'],
    ['an escape that is none', 'SUBSCRIBE\nid:\\t\ndestination:/blocks\n\n\0'],
    ['no id', 'SUBSCRIBE\ndestination:/blocks\n\n\0'],
    ['no destination', 'SUBSCRIBE\nid:1\n\n\0'],
    ['a length that is none', 'SEND\ndestination:/w/api/block/last\ncontent-length:x\n\n\0'],
    ['a length that is not the body’s', 'SEND\ndestination:/w/api/block/last\ncontent-length:1\n\n{}\0'],
    ['a body where none may be', 'SUBSCRIBE\nid:1\ndestination:/blocks\n\nx\0'],
    ['CONNECT twice', 'CONNECT\naccept-version:1.2\n\n\0'],
  ])('%s: ERROR, and the connection is closed', async (_what, said) => {
    const client = await Client.connected();
    client.say(said);
    expect(await client.untilClosed()).toBe(1002);
    expect(client.frames[1]).toMatchObject({
      command: 'ERROR',
      headers: { message: expect.stringMatching(/./) },
    });
  });

  it.each([
    ['a version that nobody speaks', 'CONNECT\naccept-version:9\n\n\0'],
    ['a frame before CONNECT', 'SUBSCRIBE\nid:1\ndestination:/blocks\n\n\0'],
  ])('%s: ERROR', async (_what, said) => {
    const client = await Client.open();
    client.say(said);
    expect(await client.untilClosed()).toBe(1002);
    expect(client.frames).toMatchObject([{ command: 'ERROR' }]);
  });

  it('a frame without end is cut off at 64 KiB; one message that is longer ends the connection', async () => {
    const client = await Client.connected();
    for (let sent = 0; sent < 3; sent += 1) client.say('x'.repeat(30_000));
    expect(await client.untilClosed()).toBe(1002);
    expect(client.frames[1]).toMatchObject({ command: 'ERROR' });
    const other = await Client.connected();
    other.say('x'.repeat(64 * 1024 + 1));
    expect(await other.untilClosed()).toBe(1009);
    // The node goes on.
    expect((await n.get('/chain/height')).status).toBe(200);
  });

  it('a client that does not read is cut off before it fills the node’s memory', async () => {
    const client = await Client.connected('/blocks');
    (client as unknown as { socket: WebSocket }).socket.pause();
    const other = await Client.connected();
    const body = 'x'.repeat(60_000);
    for (let sent = 0; sent < 400 && client.closed === null; sent += 1) {
      other.say(`SEND\ndestination:/blocks\n\n${body}\0`);
      await other.round();
    }
    (client as unknown as { socket: WebSocket }).socket.resume();
    expect(await client.untilClosed()).toBe(1006);
    other.end();
  });
});

describe('what is pushed', () => {
  it('two subscribers hear of an observed account: unconfirmed with no height, then in its block, then the account', async () => {
    const topics = ['unconfirmed', 'transactions', 'account'].map((one) => `/${one}/${bob.address}`);
    const first = await Client.connected(...topics);
    const second = await Client.connected(...topics, '/unconfirmed', '/blocks');
    first.ask('/account/subscribe', { account: bob.address });
    await first.round();
    const paid = transfer(alice, bob.address, 5, n.now());
    expect(await n.announce(paid, alice)).toBe(1);
    await n.harvest();
    await first.until(4);
    await second.until(6);
    for (const client of [first, second]) {
      expect(client.heard(`/unconfirmed/${bob.address}`)).toMatchObject([
        { meta: { id: 0, innerHash: {}, height: 9007199254740991 }, transaction: { amount: 5_000_000 } },
      ]);
      expect(client.heard(`/transactions/${bob.address}`)).toMatchObject([
        { meta: { id: 0, height: 2 }, transaction: { amount: 5_000_000 } },
      ]);
      expect(client.heard(`/account/${bob.address}`)).toMatchObject([
        { account: { address: bob.address, balance: 1_005_000_000 } },
      ]);
    }
    expect(second.heard('/unconfirmed')).toMatchObject([{ amount: 5_000_000 }]);
    const { body } = await n.post('/block/at/public', { height: 2 });
    expect(second.heard('/blocks')).toEqual([body]);
  });

  it('of an account that nobody has named, nothing', async () => {
    const client = await Client.connected(`/unconfirmed/${bob.address}`, '/unconfirmed');
    await n.announce(transfer(alice, bob.address, 5, n.now()), alice);
    await client.until(2);
    await client.round();
    expect(client.heard(`/unconfirmed/${bob.address}`)).toEqual([]);
  });

  it('a wrapper concerns its signer and whom the inner one names; a cosignature nobody', async () => {
    expect(await convert(n, desk, [alice, bob, carol], 2)).toBe(1);
    const everybody = [alice, bob, carol, desk, stranger];
    const client = await Client.connected(
      ...everybody.map(({ address }) => `/unconfirmed/${address}`),
      '/unconfirmed',
    );
    for (const { address } of everybody) client.ask('/account/subscribe', { account: address });
    await client.round();
    const wrapped = wrapper(alice, transfer(desk, stranger.address, 1, n.now()), n.now());
    expect(await n.announce(wrapped, alice)).toBe(1);
    expect(await n.announce(cosignature(bob, wrapped, desk, n.now()), bob)).toBe(1);
    await client.until(1 + 3 + 2);
    await client.round();
    const told = everybody.map(({ address }) => client.heard(`/unconfirmed/${address}`).length);
    expect(told).toEqual([1, 0, 0, 1, 1]);
    expect(client.heard('/unconfirmed')).toHaveLength(2);
    expect(client.heard(`/unconfirmed/${desk.address}`)).toMatchObject([
      { meta: { innerHash: { data: expect.stringMatching(/^[0-9a-f]{64}$/) } }, transaction: { type: 4100 } },
    ]);
  });

  it('what a block, a fork or a peer brings is pushed by whoever takes it; what waits on is not pushed again', async () => {
    const { harvest: _, ...config } = n.config;
    const follower = await startNode(
      {
        ...config,
        dataFolder: `${n.config.dataFolder}/follower`,
        peers: [n.node.url],
        syncMs: 50,
      },
      { clockMs: () => unixMsOf(n.now()) },
    );
    let rang = 0;
    const pushes = listenForPushes(follower.websocketUrl ?? '', [bob.address], () => (rang += 1));
    try {
      const client = await Client.connected('/blocks/new', '/unconfirmed');
      await n.harvest();
      await n.announce(transfer(alice, bob.address, 5, n.now()), alice);
      await n.post('/devnet/control/fork', { depth: 1 });
      await client.until(4);
      await client.round();
      expect(n.node.core.pool.list()).toHaveLength(1);
      expect(client.heard('/unconfirmed')).toHaveLength(1);
      expect(client.heard('/blocks/new')).toEqual([{ height: 2 }, { height: 2 }]);
      const began = performance.now();
      while (rang === 0 && performance.now() - began < 5_000)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(rang).toBeGreaterThan(0);
    } finally {
      pushes[Symbol.dispose]();
      await follower[Symbol.asyncDispose]();
    }
  });

  it('any client may speak on any topic, and every subscriber hears it: nothing that is pushed is to be believed', async () => {
    const topic = `/unconfirmed/${bob.address}`;
    const client = await Client.connected(topic);
    const liar = await Client.connected();
    liar.say(`SEND\ndestination:${topic}\n\n{"lie":true}\0`);
    await client.until(2);
    expect(client.heard(topic)).toEqual([{ lie: true }]);
  });

  it('asked for, an account, its newest transactions and what waits; what is wrong is told at /errors', async () => {
    await n.announce(transfer(alice, bob.address, 5, n.now()), alice);
    await n.harvest();
    await n.announce(transfer(alice, bob.address, 6, n.now()), alice);
    const client = await Client.connected(
      `/account/${bob.address}`,
      `/recenttransactions/${bob.address}`,
      `/unconfirmed/${bob.address}`,
      '/errors',
      '/blocks',
    );
    client.ask('/account/get', { account: bob.address });
    client.ask('/account/transfers/all', { account: bob.address });
    client.ask('/block/last', {});
    client.ask('/account/subscribe', { account: 'NOBODY' });
    client.ask('/account/subscribe', {});
    client.say('SEND\ndestination:/w/api/account/get\n\nnull\0');
    client.ask('/node/info', {});
    await client.until(1 + 8);
    const { body: account } = await n.get(`/account/get?address=${bob.address}`);
    // Asked for, and once more with the last block, which pushes what it changed.
    expect(client.heard(`/account/${bob.address}`)).toEqual([account, account]);
    const { body: page } = await n.get(`/account/transfers/all?address=${bob.address}`);
    expect(client.heard(`/recenttransactions/${bob.address}`)).toEqual([page]);
    expect(client.heard(`/unconfirmed/${bob.address}`)).toMatchObject([
      { transaction: { amount: 6_000_000 } },
    ]);
    expect(client.heard('/blocks')).toMatchObject([{ height: 2 }]);
    expect(client.heard('/errors')).toMatchObject([
      { status: 400, error: 'Bad Request', message: 'address must be valid' },
      { status: 400, message: 'expected value for property account, but none was found' },
      { status: 400, message: 'unexpected data: null' },
    ]);
  });

  it('where no port is named nothing is pushed; elsewhere than at its path nobody answers', async () => {
    const quiet = await startUnderTest({ balances: [[alice.address, 1]] });
    expect(quiet.node.websocketUrl).toBe(null);
    await quiet[Symbol.asyncDispose]();
    const socket = new WebSocket((n.node.websocketUrl ?? '').replace('/websocket', '/other'));
    const why = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(why.message).toMatch(/400/);
  });
});
