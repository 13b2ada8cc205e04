/** `kuramori services`: what is stopped, and people with logins of their own who open it again, stage by stage. */
import { confirmReopening, listServices, openStops, ServiceName, serviceHistory } from '@kuramori/custody';
import { withDatabase } from '@kuramori/ledger';
import { listing, print, refuse, text, type Command } from './command.ts';
import { databaseUrl } from './ledger.ts';

export const servicesCommand: Command = {
  usage: `kuramori services                            which services of which asset are stopped, why, and what is opened next
kuramori services history                    every stop and opening, as lines that 'kuramori incident' takes
kuramori services reopen --asset nem:xem --stage deposits --stop N --why TEXT --database FILE
                                             one person says that this stage of stop N may be opened; others must, too
  FILE holds a URL with this person's own login (kuramori ledger add-person); DATABASE_URL does as well. To look, the
  running sandbox is read where neither is given. Nothing opens while a signer or watchtower says that the asset is
  frozen: see 'kuramori thaw status' first. docs/runbook.md says more.`,
  options: {
    database: { type: 'string' },
    asset: { type: 'string' },
    stage: { type: 'string' },
    stop: { type: 'string' },
    why: { type: 'string' },
  },
  run: (options, [name = 'list', ...rest]) => {
    const wrong = (what: string) => Promise.resolve(refuse(`services: ${what}\n\n${servicesCommand.usage}`));
    if (!['list', 'history', 'reopen'].includes(name) || rest.length > 0)
      return wrong(`'${[name, ...rest].join(' ')}' is no call of it`);
    const url = databaseUrl(text(options['database']));
    if (url === null)
      return wrong('no sandbox was started here, so name the database: set DATABASE_URL or --database FILE');
    if (name === 'list') return list(url);
    if (name === 'history') return history(url);
    const [asset, why] = [text(options['asset']), text(options['why'])?.trim() ?? ''];
    if (asset === null) return wrong('--asset: say which, as nem:xem');
    const stage = ServiceName.safeParse(text(options['stage']));
    if (!stage.success) return wrong(`--stage: must be one of ${ServiceName.options.join(', ')}`);
    const stop = Number(text(options['stop']) ?? 'none');
    if (!Number.isSafeInteger(stop) || stop < 1)
      return wrong("--stop: must be the stop's number, as 'kuramori services' shows it");
    if (why.length < 10 || why.length > 2000)
      return wrong('--why: must say in 10 to 2000 characters why it is safe again');
    return reopen(url, { asset, service: stage.data, stop, why });
  },
};

async function list(url: string): Promise<number> {
  const { services, stops } = await withDatabase(url, async (client) => ({
    services: await listServices(client),
    stops: await openStops(client),
  }));
  print(
    listing(
      services.map(({ asset, service, state, why, changed_at: at }) => [
        `${asset} ${service}`,
        `${state} since ${at.toISOString()}${why === null ? '' : `: ${why}`}`,
      ]),
    ),
  );
  for (const { id, asset, why, next, people, opens_at: opens, confirmed } of stops) {
    print(`\nstop ${id} of ${asset}: ${why}`);
    if (next === null || opens === null) {
      print('  it is frozen, or too few answer to say that it is not: nothing can be opened yet');
      continue;
    }
    print(
      `  next: ${next}, from ${opens.toISOString()} on, by ${people} people; ${confirmed.length} have said so`,
    );
    for (const one of confirmed) print(`    ${one.person}: ${JSON.stringify(one.why)}`);
    print(
      `  kuramori services reopen --asset ${asset} --stage ${next} --stop ${id} --why TEXT --database FILE`,
    );
  }
  return 0;
}

/** Times are the database server's: chainTime is what an incident's line must have, and custody knows no other here. */
async function history(url: string): Promise<number> {
  for (const { at, state, ...what } of await withDatabase(url, serviceHistory))
    print(JSON.stringify({ at, chainTime: at, event: `service ${state}`, ...what }));
  return 0;
}

async function reopen(url: string, said: Parameters<typeof confirmReopening>[1]): Promise<number> {
  const [count, stops] = await withDatabase(url, async (client) => [
    await confirmReopening(client, said),
    await openStops(client),
  ]);
  const stop = stops.find(({ id }) => id === said.stop);
  const needed = stop?.people ?? 2;
  print(`${count} of ${needed} people have said that ${said.service} of ${said.asset} may be opened`);
  if (count >= needed) print(`custody opens it, not before ${stop?.opens_at?.toISOString() ?? 'now'}`);
  return 0;
}
