/** The hand: does what the seed has chosen, one thing after another, and puts it right again. */
import { log, reasonOf } from '@kuramori/program';
import { actText, type Act } from './act.ts';
import type { Clocks } from './clocks.ts';
import type { Disks } from './disks.ts';
import { pause } from '../house/chain.ts';
import type { House, Restartable } from '../house/house.ts';
import { writeMuch } from './postgres.ts';
import type { Field } from './on/ground.ts';
import type { Proxy } from './proxy.ts';

export interface Done {
  /** Deaths by the hand, of each process. */
  readonly kills: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
  /** Every act, in words, in its order. */
  readonly acts: readonly string[];
}

export interface Hand {
  readonly done: Done;
  /** Breaks one thing, waits until it is broken, and puts it right. */
  readonly perform: (act: Act) => Promise<void>;
  /** Everything is put right. */
  readonly rest: () => Promise<void>;
}

export interface HandParts {
  readonly house: House;
  readonly field: Pick<Field, 'kill' | 'restart' | 'fork' | 'forget'>;
  /** All whom it can break, whoever is asked before those who ask it. */
  readonly everybody: readonly Restartable[];
  readonly clocks: Clocks;
  readonly disks: Disks;
  readonly proxies: readonly Proxy[];
  readonly confirmations: number;
}

/** The longest that an armed process may live before it is simply killed, and one whose disk is full. Milliseconds. */
const patienceMs = 3_000;
/** How often a drifting clock is moved. Milliseconds. */
const driftMs = 200;

export function openHand(parts: HandParts): Hand {
  const { house, field, everybody, clocks, disks, proxies, confirmations } = parts;
  const kills = new Map<string, number>();
  const faults = new Map<string, number>();
  const acts: string[] = [];
  const count = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1);

  async function kill({ name, dieAt, afterMs, deadMs }: Act & { kind: 'kill' }): Promise<void> {
    if (dieAt === null) {
      await pause(afterMs);
      await field.kill(name);
      count(kills, `${name}, at any moment`);
    } else {
      const point = dieAt.replace(/:[0-9]+$/, '');
      // It may die before it is ready: that is a death like another.
      const started = await field.restart(name, { dieAt }).then(
        () => true,
        () => false,
      );
      const died = !started || (await endsWithin(name, patienceMs));
      if (!died) await field.kill(name);
      count(kills, `${name}, ${died ? point : 'at any moment'}`);
    }
    await pause(deadMs);
    await again(name);
  }

  async function endsWithin(name: Restartable, ms: number): Promise<boolean> {
    const exited = house.running.get(name)?.exited;
    return exited === undefined || Promise.race([exited.then(() => true), pause(ms).then(() => false)]);
  }

  /** Started again, as whoever looks after the processes would: until it stands. */
  async function again(name: Restartable): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await field.restart(name);
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
    for (const name of everybody)
      if (name !== 'postgres' && house.running.has(name) && (await endsWithin(name, 50))) await again(name);
  }

  /** A full disk: whoever cannot write ends, or refuses, and goes on once there is room. */
  async function fullDisk({ name, early }: Act & { kind: 'full disk' }): Promise<void> {
    const disk = await disks.of(house, name);
    if (!disk?.fill()) return void count(faults, `disk of ${name}: could not be made full`);
    try {
      if (name === 'postgres') await writeMuch(house.databaseUrl ?? '');
      const ended = name === 'postgres' || (await endsWithin(name, patienceMs));
      count(faults, `disk of ${name} full: ${endOf(name, ended)}`);
      // Where the disk is a limit on the one process, the next one has none.
      if (ended && early && disk.how === 'mounted') {
        count(faults, 'started while its disk was full');
        await field.restart(name, { mayEnd: true }).catch((cause: unknown) => {
          log('not started on a full disk', { name, why: reasonOf(cause) });
        });
        await pause(500);
      }
    } finally {
      disk.free();
    }
    if (name === 'postgres' || (await endsWithin(name, 50))) await again(name);
  }

  /** One clock goes apart from the others, and comes back. */
  async function clock({ name, how, byMs, forMs }: Act & { kind: 'clock' }): Promise<void> {
    count(faults, `clock of ${name} ${how}`);
    if (how === 'drifts') {
      for (let passed = driftMs; passed <= forMs; passed += driftMs) {
        clocks.setApart(name, Math.round((byMs * passed) / forMs));
        await pause(driftMs);
      }
    } else {
      clocks.setApart(name, byMs);
      await pause(forMs);
    }
    clocks.setApart(name, 0);
    await pause(500);
    // What was written with the time of then waits until that time has come.
    if (byMs > 0 && !how.startsWith('days')) clocks.pass(byMs);
  }

  async function badLine({ line, which, forMs }: Act & { kind: 'line' }): Promise<void> {
    count(faults, `line ${line}`);
    const proxy = proxies[which % proxies.length];
    proxy?.set(line);
    await pause(forMs);
    proxy?.set('whole');
  }

  async function fork({ depth, leavesOut }: Act & { kind: 'fork' }): Promise<void> {
    const became = await field.fork(depth, leavesOut);
    if (became === null) return void count(faults, 'fork that did not come about');
    count(faults, depth < confirmations ? 'fork, shallow' : 'fork, as deep as the confirmations or deeper');
    if (became === 'one left out') count(faults, 'fork that leaves a transaction out');
  }

  async function forget(): Promise<void> {
    await field.forget();
    count(faults, 'nodes forget what waits');
  }

  async function time({ ms }: Act & { kind: 'time' }): Promise<void> {
    count(faults, ms > 0 ? "everybody's clock jumps ahead" : "everybody's clock is set back");
    clocks.pass(ms);
    await pause(500);
  }

  function once(act: Act): Promise<void> {
    switch (act.kind) {
      case 'kill':
        return kill(act);
      case 'full disk':
        return fullDisk(act);
      case 'clock':
        return clock(act);
      case 'line':
        return badLine(act);
      case 'fork':
        return fork(act);
      case 'time':
        return time(act);
      case 'forget':
        return forget();
      default:
        return act satisfies never;
    }
  }

  return {
    done: { kills, faults, acts },
    async perform(act) {
      acts.push(actText(act));
      await once(act);
      await tend();
    },
    async rest() {
      for (const proxy of proxies) proxy.set('whole');
      await pause(1_000);
      await tend();
    },
  };
}

function endOf(name: Restartable, ended: boolean): string {
  if (name === 'postgres') return 'it recovers';
  return ended ? 'it stops' : 'it goes on';
}
