import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { chaos, chaosTable, grounds, hasLitecoind, type GroundName } from '@kuramori/sandbox';
import { print, refuse, root, say, wholeNumber, type Command } from './command.ts';

export const chaosCommand: Command = {
  usage: `kuramori chaos [--on CHAIN] [--seed N] [--minutes M] [--kills K] [--json]
  The real processes under load, two custodies among them, while a seeded hand kills them at named points, fills their
  disks, sets their clocks apart, bends their lines to the nodes and forks the devnet. Then it lets all finish and checks:
  every accepted withdrawal paid once or returned, every deposit credited once, nothing else spent, books balanced and the
  chain's. Ends after M minutes (3) or K kills.
  CHAIN is nem (usually), litecoin (two litecoind, which must be installed: killed, made to forget what waits, led onto other
  branches) or ethereum (anvil, whose newest blocks are replaced and whose pool is emptied, and the relayer, killed like the
  others). Those two keep real time, so no clock is moved there.
  The seed decides every act of the hand: its kind, its order, whom and which point it hits, how deep, how long and how
  wrong; and what each of the exchange's two askers asks for, in its order. It does not decide what the machine does: how
  the processes are scheduled, so which payment a blow hits and whether a point is reached in time; keys, hashes and
  ports; nor how many acts fit into the minutes. A disk is full by a small file system where one may be mounted (root),
  else by a limit on file sizes (prlimit); the result says which.`,
  options: {
    on: { type: 'string' },
    seed: { type: 'string' },
    minutes: { type: 'string' },
    kills: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (options, rest) => {
    if (rest.length > 0) return refuse(`chaos: takes no '${rest.join(' ')}'`);
    const on = options['on'] ?? 'nem';
    if (!isGround(on)) return refuse(`chaos: --on must be one of ${Object.keys(grounds).join(', ')}`);
    if (on === 'litecoin' && !hasLitecoind()) return refuse('chaos: litecoind is not installed');
    const seed = wholeNumber('seed', options['seed'], randomInt(2 ** 31), 0, 2 ** 31);
    const minutes = wholeNumber('minutes', options['minutes'], 3, 1, 24 * 60);
    const kills = wholeNumber('kills', options['kills'], 1_000_000, 1, 1_000_000);
    if (typeof seed === 'string') return refuse(seed);
    if (typeof minutes === 'string') return refuse(minutes);
    if (typeof kills === 'string') return refuse(kills);
    const done = await chaos({ folder: join(root, '.kuramori', 'chaos'), on, seed, minutes, kills, say });
    print(options['json'] === true ? JSON.stringify(done) : chaosTable(done));
    if (!done.passed)
      say(
        `kuramori: chaos: not everything holds; the same again: kuramori chaos --on ${on} --seed ${seed} --minutes ${minutes}`,
      );
    return done.passed ? 0 : 1;
  },
};

function isGround(name: unknown): name is GroundName {
  return typeof name === 'string' && Object.hasOwn(grounds, name);
}
