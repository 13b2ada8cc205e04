import type { Context, Hono } from 'hono';
import { namespaceId, readMosaicIdText } from '../wire/deserialise-mosaic.ts';
import { notFound } from '../wire/failure.ts';
import { javaOrder } from './java-order.ts';
import type { Json } from './json.ts';
import type { NodeCore } from '../node.ts';
import { accountId, reply } from './reply.ts';
import {
  accountAt,
  holdingOf,
  isNamespaceActive,
  mosaicAt,
  namespaceOwner,
  xemEntry,
} from '../state/state.ts';
import { definitionJson, mosaicIdJson, mosaicJson } from './transaction-json.ts';

/** AccountNamespaceInfoController, MosaicController, MosaicDefinitionController, NamespaceController */
export function mosaicRoutes(app: Hono, node: NodeCore): void {
  const { state, history, height } = node.chain;
  const address = (context: Context) => accountId(context.req.query('address'), node);
  const owned = (context: Context) =>
    javaOrder(accountAt(state, address(context)).mosaicIds).map(readMosaicIdText);

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
    const definitions = owned(context).flatMap((id) => mosaicAt(state, id)?.definition ?? []);
    return reply({ data: [...definitions, xemEntry(state.network).definition].map(definitionJson) });
  });

  app.get('/mosaic/supply', (context) => {
    const id = readMosaicIdText(context.req.query('mosaicId') ?? '');
    const entry = mosaicAt(state, id);
    const name = `${id.namespaceId}:${id.name}`;
    if (entry === undefined)
      throw notFound(`mosaic id ${name} is unknown`, name, 'org.nem.core.model.ncc.MosaicIdSupplyPair');
    return reply({ mosaicId: mosaicIdJson(id), supply: entry.supply });
  });

  for (const path of ['/mosaic/definition', '/mosaic/definition/last']) {
    app.get(path, (context) => {
      const id = readMosaicIdText(context.req.query('mosaicId') ?? '');
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
    const id = namespaceId(context.req.query('namespace') ?? '');
    const found = namespaceOwner(state, id);
    if (found === undefined || !isNamespaceActive(state, id, height())) {
      throw notFound('invalid namespace', id, 'org.nem.core.model.namespace.Namespace');
    }
    return reply({ fqn: id, owner: found.owner, height: found.height });
  });

  app.get('/namespace/mosaic/definition/page', (context) => {
    const id = namespaceId(context.req.query('namespace') ?? '');
    if (!isNamespaceActive(state, id, height())) return reply({ data: [] });
    const found = [...state.mosaics.entries()]
      .filter(([, { definition }]) => definition.id.namespaceId === id)
      .map(([name, { definition }]): Json => ({
        meta: { id: history.definitionId(name) ?? 0 },
        mosaic: definitionJson(definition),
      }));
    return reply({ data: found.toReversed() });
  });
}
