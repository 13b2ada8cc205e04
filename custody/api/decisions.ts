/** Routes by which people decide about a withdrawal that is there: approve it, let it pass the screen, take it back. */
import { z } from 'zod';
import { ApprovalBody, approve } from '../withdrawals/approval.ts';
import { cancel, decideScreening, ScreeningBody } from '../withdrawals/person.ts';
import { State } from '../withdrawals/states.ts';
import { decides, type Route } from './route.ts';
import { OneWithdrawal } from './withdrawals.ts';

const Now = z.object({ id: z.string(), state: State });

export const decisions: readonly Route[] = [
  decides({
    name: 'cancelWithdrawal',
    path: '/v1/withdrawals/{id}/cancel',
    what: 'Takes a withdrawal back, until it is planned.',
    role: 'withdraw',
    params: OneWithdrawal,
    body: z.strictObject({}),
    answers: { status: 200, body: Now },
    problems: { 404: ['unknown-withdrawal'], 422: ['too-late', 'catching-up'] },
    answer: (client, _body, { house, params }) => cancel(house, client, params.id),
  }),
  decides({
    name: 'approveWithdrawal',
    path: '/v1/withdrawals/{id}/approvals',
    what: 'Hands on a person’s signature over a withdrawal. Co-signers and watchtowers verify it by themselves.',
    role: 'withdraw',
    params: OneWithdrawal,
    body: ApprovalBody,
    answers: {
      status: 200,
      body: z.object({
        id: z.string(),
        approvals: z.string().meta({ description: '`enough`, or how many of how many.' }),
      }),
    },
    problems: { 404: ['unknown-withdrawal'], 422: ['not-an-approver', 'bad-approval', 'too-late'] },
    answer: (client, body, { house, params }) => approve(house, client, params.id, body),
  }),
  decides({
    name: 'decideScreening',
    path: '/v1/withdrawals/{id}/screening',
    what: 'A person’s word on a payment that the screen holds.',
    role: 'treasury',
    params: OneWithdrawal,
    body: ScreeningBody,
    answers: { status: 200, body: Now },
    problems: { 404: ['unknown-withdrawal'], 422: ['too-late'] },
    answer: (client, body, { house, params }) => decideScreening(house, client, params.id, body),
  }),
];
