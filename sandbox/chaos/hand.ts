/** The seeded hand: what it breaks, one thing after another, and how it is put right again. */
import { requestJson } from '@kuramori/chains/http';
import { log, reasonOf } from '@kuramori/program';
import type { DrivenClock } from '../drill/clock.ts';
import { pause } from '../house/chain.ts';
import type { House, Restartable } from '../house/house.ts';
import { lines, type Proxy } from './proxy.ts';
import type { Seeded } from './seed.ts';

export interface Done {
  /** Deaths of each process, and of all. */
  readonly kills: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
}

const mortal: readonly [Restartable, ...Restartable[]] = [
  // Custody the most often: it has the most to lose.
  'custody',
  'custody',
  'custody',
  'signer-1',
  'signer-2',
  'watchtower',
  'node1',
  'node2',
  'postgres',
];

/** Which points a process has, and how many times it may pass one before it dies there. */
const pointsOf = (name: Restartable): readonly [string, ...string[]] => {
  if (name === 'custody')
    return ['commit:before', 'commit:after', 'send:before', 'send:after', 'answer:before'];
  if (name === 'watchtower')
    return ['write:before', 'write:after', 'send:before', 'send:after', 'answer:before', 'answer:after'];
  return ['write:before', 'write:after', 'answer:before', 'answer:after'];
};

export interface Hand {
  readonly done: Done;
  /** Breaks one thing, waits until it is broken, and puts it right. */
  readonly once: () => Promise<void>;
  /** Everything is put right. */
  readonly rest: () => Promise<void>;
}

/** The longest that an armed process may live before it is simply killed. Milliseconds. */
const patienceMs = 4_000;

export function openHand(
  house: House,
  random: Seeded,
  clock: DrivenClock,
  proxies: readonly Proxy[],
  confirmations: number,
): Hand {
  const kills = new Map<string, number>();
  const faults = new Map<string, number>();
  const count = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1);

  async function kill(name: Restartable): Promise<void> {
    // Postgres and the devnet's nodes have no points of ours: they die at any moment.
    if (name === 'postgres' || name.startsWith('node')) {
      await pause(random.below(1_500));
      await house.kill(name);
      count(kills, `${name}, at any moment`);
    } else {
      const point = random.oneOf(pointsOf(name));
      const dieAt = `${point}:${1 + random.below(25)}`;
      // It may die before it is ready: that is a death like another.
      const started = await house.restart(name, { dieAt }).then(
        () => true,
        () => false,
      );
      const running = house.running.get(name);
      if (started && running) {
        const died = await Promise.race([
          running.exited.then(() => true),
          pause(patienceMs).then(() => false),
        ]);
        if (!died) await house.kill(name);
        count(kills, `${name}, ${died ? point : 'at any moment'}`);
      } else count(kills, `${name}, ${point}`);
    }
    await pause(random.below(500));
    await again(name);
  }

  /** Started again, as whoever looks after the processes would: until it stands. */
  async function again(name: Restartable): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await house.restart(name);
      } catch (cause) {
        // Custody does not start while Postgres is coming up, say.
        if (tries === 20) throw cause;
        log('started again', { name, why: reasonOf(cause) });
        await pause(500);
      }
    }
  }

  /** Whoever ended by itself is started again: custody does where Postgres has gone, and a supervisor would. */
  async function tend(): Promise<void> {
    for (const name of new Set(mortal)) {
      const running = house.running.get(name);
      if (!running) continue;
      const gone = await Promise.race([running.exited.then(() => true), pause(50).then(() => false)]);
      if (gone) await again(name);
    }
  }

  async function badLine(): Promise<void> {
    const line = random.oneOf(lines);
    const proxy = random.oneOf(proxies as readonly [Proxy, ...Proxy[]]);
    count(faults, `line ${line}`);
    proxy.set(line);
    await pause(500 + random.below(2_000));
    proxy.set('whole');
  }

  /** The newest blocks are replaced; one of their transactions may have to wait for another block. */
  async function fork(): Promise<void> {
    const depth = 1 + random.below(confirmations + 2);
    const leavesOut = random.below(2) === 0;
    const [node] = house.nodes;
    const tip = await node.height();
    const blocks = tip.kind === 'read' ? await node.blocksAfter(Math.max(1, tip.value - depth)) : tip;
    if (blocks.kind === 'failed') return;
    const hashes = blocks.value.flatMap(({ transactions }) => transactions.map(({ hash }) => hash));
    const drop = leavesOut && hashes[0] !== undefined ? [random.oneOf(hashes as [string, ...string[]])] : [];
    const asked = { depth, drop, dropped: 'pending' };
    const answer = await requestJson({ url: node.url }, 'POST', '/devnet/control/fork', asked);
    if (answer.kind !== 'reply' || answer.status !== 200) return;
    count(faults, depth < confirmations ? 'fork, shallow' : 'fork, as deep as the confirmations or deeper');
    if (drop.length > 0) count(faults, 'fork that leaves a transaction out');
  }

  async function jump(): Promise<void> {
    count(faults, 'clock jumps');
    clock.jumpTo(clock.now() + 1_000 * (5 + random.below(115)));
    await pause(500);
  }

  return {
    done: { kills, faults },
    async once() {
      const what = random.below(12);
      if (what < 8) await kill(random.oneOf(mortal));
      else if (what < 10) await badLine();
      else if (what < 11) await fork();
      else await jump();
      await tend();
    },
    async rest() {
      for (const proxy of proxies) proxy.set('whole');
      await pause(1_000);
      await tend();
    },
  };
}
