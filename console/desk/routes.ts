/** Every path of the desk, with who may ask for it: the one table that the server goes by (desk/answer.ts). */
import { z } from 'zod';
import type { Me, Right } from '../wire/index.ts';
import type { Desk } from './desk.ts';
import { aboutInvite, aboutRemoval, Invite, invite, listPeople, remove } from './people.ts';
import { readOverview } from './overview.ts';
import {
  Assertion,
  Attestation,
  beginAssertion,
  beginRegistration,
  finishAssertion,
  finishRegistration,
} from './passkey.ts';
import { refused, type Refusal } from './refused.ts';
import { rightsOf } from './role.ts';
import { endSession, openSession, type Session } from './session.ts';
import { ListQuery, listViewings, listWithdrawals, showWithdrawal } from './withdrawals.ts';

/** What is answered: a value for the page, and where somebody came or went, what their cookie becomes. */
export type Answer =
  | { readonly kind: 'answer'; readonly body: object | null; readonly cookie?: string | null }
  | Refusal;

/** Who may ask: anybody, at a limited pace; whoever is logged in; whoever has this right. */
export type Who = 'anybody' | 'somebody' | Right;

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly who: Who;
  readonly given: z.ZodObject;
  readonly answer: (desk: Desk, given: never, session: Session | null) => Promise<Answer>;
}

const none = z.strictObject({});

function open<S extends z.ZodObject>(
  path: string,
  given: S,
  answer: (desk: Desk, given: z.output<S>) => Promise<Answer>,
): Route {
  return { method: 'POST', path, who: 'anybody', given, answer };
}

function shut<S extends z.ZodObject>(
  method: Route['method'],
  path: string,
  who: Exclude<Who, 'anybody'>,
  given: S,
  answer: (desk: Desk, given: z.output<S>, session: Session) => Promise<Answer>,
): Route {
  return {
    method,
    path,
    who,
    given,
    answer: (desk, read: z.output<S>, session) => {
      if (session === null) throw new Error(`${path} was answered without a session`);
      return answer(desk, read, session);
    },
  };
}

const say = (body: object | null): Answer => ({ kind: 'answer', body });
const told = (body: object | Refusal): Answer =>
  'kind' in body && body.kind === 'refused' ? body : say(body);

const Code = z.string().min(1).max(64);
const PersonId = z.string().regex(/^[1-9][0-9]{0,15}$/, 'must be a person’s number');

export const routes: readonly Route[] = [
  open('/api/register/begin', z.strictObject({ code: Code }), async (desk, { code }) =>
    told(await beginRegistration(desk, code)),
  ),
  open(
    '/api/register/finish',
    z.strictObject({ code: Code, response: Attestation }),
    async (desk, { code, response }) => entered(desk, await finishRegistration(desk, code, response)),
  ),
  open('/api/login/begin', none, async (desk) => say(await beginAssertion(desk, 'login'))),
  open('/api/login/finish', z.strictObject({ response: Assertion }), async (desk, { response }) =>
    entered(desk, await finishAssertion(desk, desk.pool, 'login', response)),
  ),
  shut('POST', '/api/logout', 'somebody', none, async ({ pool }, _given, session) => {
    await endSession(pool, session);
    return { kind: 'answer', body: null, cookie: null };
  }),
  shut('GET', '/api/me', 'somebody', none, async (_desk, _given, session) => {
    const { person, name, role, administrator } = session;
    return say({ id: person, name, role, administrator, rights: rightsOf(session) } satisfies Me);
  }),
  shut('GET', '/api/overview', 'overview', none, async ({ pool }) => say(await readOverview(pool))),
  shut('GET', '/api/withdrawals', 'withdrawals', ListQuery, async ({ pool }, query, session) =>
    say(await listWithdrawals(pool, session, query)),
  ),
  shut(
    'GET',
    '/api/withdrawal',
    'withdrawals',
    z.strictObject({ id: z.string().regex(/^[0-9a-f]{64}$/, 'must be a withdrawal’s id: 64 hex digits') }),
    async ({ pool }, { id }, session) => {
      const shown = await showWithdrawal(pool, session, id);
      return shown
        ? say(shown)
        : refused(404, 'unknown-withdrawal', 'id', `id: no withdrawal is called ${id}`);
    },
  ),
  shut('GET', '/api/viewings', 'viewings', ListQuery.pick({ cursor: true }), async ({ pool }, { cursor }) =>
    say(await listViewings(pool, cursor)),
  ),
  shut('GET', '/api/people', 'people', none, async (desk) => say({ people: await listPeople(desk) })),
  shut('POST', '/api/invite/begin', 'people', Invite, async (desk, asked) =>
    say(await beginAssertion(desk, aboutInvite(asked))),
  ),
  shut(
    'POST',
    '/api/invite/finish',
    'people',
    Invite.extend({ response: Assertion }),
    async (desk, { response, ...asked }, session) => told(await invite(desk, session, asked, response)),
  ),
  shut(
    'POST',
    '/api/remove/begin',
    'people',
    z.strictObject({ person: PersonId }),
    async (desk, { person }) => say(await beginAssertion(desk, aboutRemoval(person))),
  ),
  shut(
    'POST',
    '/api/remove/finish',
    'people',
    z.strictObject({ person: PersonId, response: Assertion }),
    async (desk, { person, response }, session) => told(await remove(desk, session, person, response)),
  ),
];

async function entered(desk: Desk, shown: string | Refusal): Promise<Answer> {
  if (typeof shown !== 'string') return shown;
  return { kind: 'answer', body: null, cookie: await openSession(desk.pool, shown) };
}
