import { addressOf, type Address } from '@kuramori/chains/nem/codec';
import type { Context, Hono } from 'hono';
import { accountJson, accountMetaJson } from './account-json.ts';
import { rowJson } from './block-json.ts';
import { publicKey } from '../wire/wire-values.ts';
import { broken, illegal, notFound } from '../wire/failure.ts';
import type { Direction } from '../chain/history.ts';
import type { NodeCore } from '../node.ts';
import { currentLink } from '../state/remote.ts';
import { accountAt } from '../state/state.ts';
import { reply } from './reply.ts';
import { accountId, accountsField, bodyOf, hexParameter, pageOf, parameter } from './request.ts';
import { transactionJson } from './transaction-json.ts';

const maxUnconfirmed = 25; // AccountController.MAX_UNCONFIRMED_TRANSACTIONS

const batchMethod =
  'org.nem.core.serialization.SerializableList<org.nem.core.model.ncc.AccountMetaDataPair> org.nem.nis.controller.AccountInfoController.accountGetBatch(org.nem.core.serialization.Deserializer)';

/** AccountInfoController, AccountTransfersController, AccountController */
export function accountRoutes(app: Hono, node: NodeCore): void {
  const address = (context: Context) => accountId(parameter(context, 'address'), node);

  app.get('/account/get', (context) => reply(accountJson(node, address(context))));
  app.get('/account/get/from-public-key', (context) => {
    const { found, key } = byKey(context, node);
    return reply(accountJson(node, found, key));
  });
  app.get('/account/get/forwarded', (context) => reply(accountJson(node, forwarded(address(context), node))));
  app.get('/account/get/forwarded/from-public-key', (context) => {
    const { found, key } = byKey(context, node);
    const owner = forwarded(found, node);
    return reply(owner === found ? accountJson(node, found, key) : accountJson(node, owner));
  });
  app.get('/account/status', (context) => reply(accountMetaJson(node, address(context))));
  app.post('/account/get/batch', async (context) => {
    const accounts = accountsField(await bodyOf(context, batchMethod), node);
    return reply({ data: accounts.map((account) => accountJson(node, account)) });
  });

  app.get('/account/historical/get', () => {
    // NodeFeature.HISTORICAL_ACCOUNT_DATA is off unless an operator turns it on.
    const message = 'this node does not support historical account data retrieval';
    throw broken(message, 'java.lang.UnsupportedOperationException');
  });

  for (const direction of ['all', 'incoming', 'outgoing'] as const) {
    app.get(`/account/transfers/${direction}`, (context) =>
      reply({ data: transfers(context, node, direction) }),
    );
  }

  app.get('/account/unconfirmedTransactions', (context) => {
    const found = node.pool.of(address(context), maxUnconfirmed);
    const data = found.map((transaction) => ({
      meta: { data: transaction.kind === 'multisig' ? transaction.inner.hash : null },
      transaction: transactionJson(transaction),
    }));
    return reply({ data });
  });
}

function byKey(context: Context, node: NodeCore) {
  const key = publicKey(hexParameter(parameter(context, 'publicKey')));
  const found = addressOf(key, node.config.genesis.network);
  node.chain.learnKey(found, key);
  return { found, key };
}

/** Whom the account harvests for, or itself (findLatestForwardedStateByAddress). */
function forwarded(address: Address, { chain }: NodeCore): Address {
  const link = currentLink(accountAt(chain.state, address));
  return link?.end === 'remote' ? link.other : address;
}

function transfers(context: Context, node: NodeCore, direction: Direction) {
  const address = accountId(parameter(context, 'address'), node);
  const text = parameter(context, 'hash') ?? '';
  // Read even if an id makes it superfluous.
  const hash = text === '' ? undefined : hexParameter(text).toHex();
  const { before, size } = pageOf(context);
  const from = before === undefined ? beforeHash(hash, node) : Number(before);
  return node.chain.history.page(address, direction, from, size).map(rowJson);
}

/** AccountTransfersController: the page after the transaction of this hash, while the hash is remembered. */
function beforeHash(hash: string | undefined, node: NodeCore): number {
  if (hash === undefined) return Infinity;
  if (node.chain.hashes.heightOf(hash) === undefined) {
    throw illegal('Neither transaction id was supplied nor hash was found in cache');
  }
  const row = node.chain.history.find(hash);
  if (row === undefined)
    throw notFound('transaction not found in the db', hash, 'class org.nem.core.crypto.Hash');
  return row.id;
}
