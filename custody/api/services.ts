/** Routes about services: which are stopped, since when and why, and what is still missing before each is open again. */
import { z } from 'zod';
import { listServices, openStops, ServiceState, type Service, type Stop } from '../services/row.ts';
import { ServiceName } from '../services/runbook.ts';
import { reads, type Route } from './route.ts';

const Moment = z.iso.datetime();

const ServiceShown = z.object({
  asset: z.string(),
  service: ServiceName,
  state: ServiceState,
  why: z.string().nullable().meta({ description: 'Why it is stopped; or who opened it last, and why.' }),
  stop: z.int().nullable(),
  since: Moment,
});

const StopShown = z.object({
  stop: z.int(),
  asset: z.string(),
  why: z.string(),
  began: Moment,
  stopped: Moment.nullable().meta({ description: 'When all three were stopped.' }),
  thawed: Moment.nullable().meta({
    description: 'Since when nobody says that it is frozen, and enough signers and watchtowers answer.',
  }),
  next: z
    .object({
      service: ServiceName,
      notBefore: Moment,
      people: z.int().meta({ description: 'How many must say so.' }),
      confirmed: z.array(z.string()).meta({ description: 'Who has.' }),
    })
    .nullable()
    .meta({ description: 'What is opened next; null before all is stopped and thawed.' }),
});

const time = (date: Date) => date.toISOString();

function shown({ changed_at: since, ...service }: Service): z.input<typeof ServiceShown> {
  return { ...service, since: time(since) };
}

function shownStop(stop: Stop): z.input<typeof StopShown> {
  const { id, asset, why, next: service, people, opens_at: opens, confirmed } = stop;
  return {
    stop: id,
    asset,
    why,
    began: time(stop.began_at),
    stopped: stop.stopped_at && time(stop.stopped_at),
    thawed: stop.thawed_at && time(stop.thawed_at),
    next:
      service && people && opens
        ? { service, people, notBefore: time(opens), confirmed: confirmed.map(({ person }) => person) }
        : null,
  };
}

export const services: readonly Route[] = [
  reads({
    name: 'listServices',
    path: '/v1/services',
    what: 'Which services of which asset are open and which stopped, and how far the reopening is. What an exchange looks at when it starts; then it hears by webhook.',
    role: 'read',
    answers: z.object({
      known: z.boolean().meta({
        description:
          'Whether enough signers and watchtowers have answered since custody started; until then everything counts as stopped.',
      }),
      services: z.array(ServiceShown),
      stops: z.array(StopShown),
    }),
    answer: async ({ house }) => ({
      status: 200,
      body: {
        known: house.board.isKnown(),
        services: (await listServices(house.pool)).map(shown),
        stops: (await openStops(house.pool)).map(shownStop),
      },
    }),
  }),
];
