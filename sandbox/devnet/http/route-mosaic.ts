import type { Context, Hono } from 'hono';
import { namespaceId, readMosaicIdText } from '../wire/deserialise-mosaic.ts';
import { broken, notFound } from '../wire/failure.ts';
import { mosaicOrder } from './java-order.ts';
import type { Json } from './json.ts';
import type { NodeCore } from '../node.ts';
import { reply } from './reply.ts';
import { accountId, pageOf, parameter } from './request.ts';
import {
  accountAt,
  holdingOf,
  isNamespaceActive,
  mosaicAt,
  namespaceOwner,
  xemEntry,
} from '../state/state.ts';
import { mosaicIdText, type MosaicId } from '../wire/transaction.ts';
import { definitionJson, mosaicIdJson, mosaicJson } from './transaction-json.ts';

/** AccountNamespaceInfoController, MosaicController, MosaicDefinitionController, NamespaceController */
export function mosaicRoutes(app: Hono, node: NodeCore): void {
  const { state, history, height } = node.chain;
  const address = (context: Context) => accountId(parameter(context, 'address'), node);
  const owned = (context: Context) =>
    mosaicOrder(accountAt(state, address(context)).mosaicIds.map(readMosaicIdText), (id) => id);

  // MosaicInfoFactory.getAccountOwnedMosaics: XEM first.
  app.get('/account/mosaic/owned', (context) => {
    const account = address(context);
    const xem = {
      mosaicId: xemEntry(state.network).definition.id,
      quantity: accountAt(state, account).balance,
    };
    const others = owned(context)
      .filter((mosaicId) => mosaicAt(state, mosaicId) !== undefined)
      .map((mosaicId) => ({ mosaicId, quantity: holdingOf(state, mosaicId, account) }));
    return reply({ data: [xem, ...others].map(mosaicJson) });
  });

  app.get('/account/mosaic/owned/definition', (context) => {
    const definitionOf = (id: MosaicId) => mosaicAt(state, id)?.definition ?? [];
    const own = owned(context).flatMap(definitionOf);
    const levied = own.flatMap(({ levy }) => (levy === null ? [] : definitionOf(levy.mosaicId)));
    const all = [...own, ...levied, xemEntry(state.network).definition];
    const once = new Map(all.map((definition) => [mosaicIdText(definition.id), definition]));
    return reply({ data: mosaicOrder([...once.values()], ({ id }) => id).map(definitionJson) });
  });

  app.get('/mosaic/supply', (context) => {
    const id = readMosaicIdText(required(context, 'mosaicId'));
    const entry = mosaicAt(state, id);
    const name = `${id.namespaceId}:${id.name}`;
    if (entry === undefined)
      throw notFound(`mosaic id ${name} is unknown`, name, 'org.nem.core.model.ncc.MosaicIdSupplyPair');
    return reply({ mosaicId: mosaicIdJson(id), supply: entry.supply });
  });

  for (const path of ['/mosaic/definition', '/mosaic/definition/last']) {
    app.get(path, (context) => {
      const id = readMosaicIdText(required(context, 'mosaicId'));
      const entry = mosaicAt(state, id);
      const isShown = path.endsWith('last') || isNamespaceActive(state, id.namespaceId, height());
      const name = `${id.namespaceId}:${id.name}`;
      if (entry === undefined || !isShown) {
        throw notFound('invalid mosaic definition', name, 'org.nem.core.model.mosaic.MosaicDefinition');
      }
      return reply(definitionJson(entry.definition));
    });
  }

  app.get('/namespace', (context) => {
    const id = namespaceId(required(context, 'namespace'));
    const found = namespaceOwner(state, id);
    if (found === undefined || !isNamespaceActive(state, id, height())) {
      throw notFound('invalid namespace', id, 'org.nem.core.model.namespace.Namespace');
    }
    return reply({ fqn: id, owner: found.owner, height: found.height });
  });

  app.get('/namespace/mosaic/definition/page', (context) => {
    const namespace = namespaceId(required(context, 'namespace'));
    if (!isNamespaceActive(state, namespace, height())) return reply({ data: [] });
    const { before, size } = pageOf(context);
    const found = [...state.mosaics.entries()]
      .filter(([, { definition }]) => definition.id.namespaceId === namespace)
      .map(([name, { definition }]) => ({ id: history.definitionId(name) ?? 0, definition }))
      .filter((row) => before === undefined || row.id < before)
      .sort((one, other) => other.id - one.id)
      .slice(0, size)
      .map(({ id, definition }): Json => ({
        meta: { id },
        mosaic: definitionJson(definition),
      }));
    return reply({ data: found });
  });
}

// What the Java classes do with a parameter that is not there.
function required(context: Context, name: string): string {
  const text = parameter(context, name);
  if (text === undefined) throw broken('null', 'java.lang.NullPointerException');
  return text;
}
