import { addressOf } from '@kuramori/chains/nem/codec';
import type { Context, Hono } from 'hono';
import { accountJson, accountMetaJson } from './account-json.ts';
import { rowJson } from './block-json.ts';
import { broken, illegal, missing, notFound } from '../wire/failure.ts';
import type { Direction } from '../chain/history.ts';
import type { NodeCore } from '../node.ts';
import { accountId, bodyOf, hexBytes, reply } from './reply.ts';
import { readHash } from './route-transaction.ts';
import { transactionJson } from './transaction-json.ts';
import { publicKey } from '../wire/wire-values.ts';

const maxUnconfirmed = 25; // AccountController.MAX_UNCONFIRMED_TRANSACTIONS

/** AccountInfoController, AccountTransfersController, AccountController */
export function accountRoutes(app: Hono, node: NodeCore): void {
  const address = (context: Context) => accountId(context.req.query('address'), node);

  // Forwarding is remote harvesting's, so that an account here always stands for itself.
  for (const path of ['/account/get', '/account/get/forwarded']) {
    app.get(path, (context) => reply(accountJson(node, address(context))));
  }
  for (const path of ['/account/get/from-public-key', '/account/get/forwarded/from-public-key']) {
    app.get(path, (context) => {
      const text = context.req.query('publicKey');
      if (text === undefined) throw broken('null', 'java.lang.NullPointerException');
      const key = publicKey(hexBytes(text));
      const found = addressOf(key, node.config.genesis.network);
      node.chain.learnKey(found, key);
      return reply(accountJson(node, found));
    });
  }
  app.get('/account/status', (context) => reply(accountMetaJson(node, address(context))));
  app.post('/account/get/batch', async (context) => {
    const { data } = await bodyOf(context);
    if (!Array.isArray(data)) throw missing('data');
    const accounts = data.map((entry: unknown) => {
      const { account } = Object(entry) as { readonly account?: unknown };
      if (typeof account !== 'string') throw missing('account');
      return accountId(account, node);
    });
    return reply({ data: accounts.map((account) => accountJson(node, account)) });
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

function transfers(context: Context, node: NodeCore, direction: Direction) {
  const query = context.req.query();
  const address = accountId(query['address'], node);
  const size = pageSize(query['pageSize']);
  const before = query['id'] === undefined ? beforeHash(query['hash'], node) : Number(whole(query['id']));
  return node.chain.history.page(address, direction, before, size).map(rowJson);
}

/** AccountTransfersController: the page after the transaction of this hash, while the hash is remembered. */
function beforeHash(text: string | undefined, node: NodeCore): number {
  if (text === undefined || text === '') return Infinity;
  const hash = readHash(text);
  if (node.chain.hashes.heightOf(hash) === undefined) {
    throw illegal('Neither transaction id was supplied nor hash was found in cache');
  }
  const row = node.chain.history.find(hash);
  if (row === undefined)
    throw notFound('transaction not found in the db', hash, 'class org.nem.core.crypto.Hash');
  return row.id;
}

/** DefaultPage: 25 unless asked, 5 to 100 whatever is asked. */
function pageSize(text: string | undefined): number {
  if (text === undefined) return 25;
  const size = whole(text);
  if (size < -32_768n || size > 32_767n) throw illegal(`Value out of range. Value:"${text}" Radix:10`);
  return Math.max(5, Math.min(100, Number(size)));
}

function whole(text: string): bigint {
  if (!/^[+-]?[0-9]{1,19}$/.test(text)) throw illegal(`For input string: "${text}"`);
  return BigInt(text.replace('+', ''));
}
