/**
 * The pager: watchtowers tell it what happened, by HTTP, signed; it asks them by itself how they are; people get its messages
 * by their channels, and answer by a link or a command. It holds no key, reads no chain and no book, and freezes nothing.
 */
import '@kuramori/program/closed';
import { pagerRoutes } from '@kuramori/core';
import {
  openClock,
  openHosts,
  readConfig,
  readSecret,
  run,
  serveRoutes,
  watchOwnCode,
  type Hosts,
} from '@kuramori/program';
import { openChannels } from './channels/channel.ts';
import { mustFit, PagerConfig } from './config.ts';
import { openDoor } from './door.ts';
import { openEvents } from './events.ts';
import { openPagesFile } from './journal.ts';
import { openLinks } from './link.ts';
import { openPager } from './pager.ts';
import { openWatch } from './watch.ts';

/** How often it looks at what is due. Milliseconds. */
const roundMs = 200;

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: node watchtower/pager/main.ts <config.json> [--with-parent]\n');
  process.exit(2);
}

await run(
  'pager',
  () => {
    const config = readConfig(path, PagerConfig);
    mustFit(path, config);
    return start(config, openHosts(path, config.identity));
  },
  { withParent: process.argv.includes('--with-parent') },
);

async function start(config: PagerConfig, hosts: Hosts) {
  const clock = openClock(config.clock, config.network, path);
  const towers = config.watchtowers.map(({ name, at, secretFile }, index) => ({
    name,
    at: hosts.at(at, `watchtowers.${index}.at`),
    secret: readSecret(secretFile),
    field: `watchtowers.${index}.secretFile`,
  }));
  const people = new Map(
    config.people.map(({ name, channels }, index) => [
      name,
      openChannels(channels, config.mail, `people.${index}.channels`),
    ]),
  );
  const links = openLinks(readSecret(config.linkSecretFile), config.http.links, [...people.keys()]);
  const pager = openPager({
    rules: config,
    events: openEvents(config.events),
    people,
    towers,
    links,
    file: openPagesFile(config.pages),
    clock,
    code: watchOwnCode('pager', clock.now),
  });
  const watch = openWatch({
    towers,
    state: pager.state,
    record: pager.record,
    now: clock.now,
    silenceMs: config.watch.silenceSeconds * 1_000,
  });
  const door = await openDoor({
    ...config.http,
    ear: pager.ear,
    links,
    page: pager.page,
    acknowledge: (page, by) => pager.answer(page, by, 'link'),
  });
  const server = await serveRoutes(hosts.listening(config.listen), pagerRoutes, pager.routes);
  let stopped = false;
  const lives = Promise.all([
    repeat(roundMs, () => Promise.resolve(pager.round())),
    repeat(config.watch.everySeconds * 1_000, watch.ask),
  ]);

  async function repeat(everyMs: number, what: () => Promise<void>): Promise<void> {
    while (!stopped) {
      await what();
      await new Promise((resolve) => setTimeout(resolve, everyMs).unref());
    }
  }

  return {
    ready: { at: server.at, http: door.port },
    stop: async () => {
      stopped = true;
      await Promise.all([server.close(), door.close()]);
      // What is on its way is noted, so that it is not sent twice; what hangs is sent again at the next start.
      await Promise.race([pager.settled(), new Promise((resolve) => setTimeout(resolve, 2_000))]);
      void lives;
    },
  };
}
