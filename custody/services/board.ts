/** Board: which services are stopped, as every door of this custody reads it. What nobody has read yet, or not for long, counts as stopped. */
import { problem, type ProblemCode, type Reply } from '../api/problem.ts';
import type { Service } from './row.ts';
import type { ServiceName } from './runbook.ts';

/** So long after the newest reading it is one no more: the database may be away. ms */
const freshMs = 15_000;

export interface Board {
  /** Null where it is open, or where the asset is none of this house's. */
  readonly whyStopped: (asset: string, service: ServiceName) => string | null;
  /** Whether enough have answered, since this custody started, to know what is frozen. */
  readonly isKnown: () => boolean;
  readonly write: (services: readonly Service[], known: boolean) => void;
}

/** `now`: ms of a clock that only runs. */
export function openBoard(assets: readonly string[], now: () => number): Board {
  let services: readonly Service[] = [];
  let [known, readAt] = [false, 0];
  return {
    isKnown: () => known,
    write(read, enough) {
      [services, known, readAt] = [read, known || enough, now()];
    },
    whyStopped(asset, service) {
      if (!assets.includes(asset)) return null;
      if (!known)
        return 'too few signers and watchtowers have answered since custody started to say what is frozen';
      if (now() - readAt > freshMs) return 'custody cannot read what is stopped';
      const found = services.find((one) => one.asset === asset && one.service === service);
      if (!found) return 'custody does not know it';
      return found.state === 'open' ? null : (found.why ?? 'no reason is told');
    },
  };
}

const codes = {
  deposits: 'deposits-stopped',
  withdrawals: 'withdrawals-stopped',
} as const satisfies Partial<Record<ServiceName, ProblemCode>>;

/** No decision, so nothing is kept of it: the same request may come again. Undefined where the service is open. */
export function refuseStopped(board: Board, asset: string, service: keyof typeof codes): Reply | undefined {
  const why = board.whyStopped(asset, service);
  if (why === null) return undefined;
  const detail = `${service} of ${asset} are stopped: ${why}. Nothing was decided: see GET /v1/services, and send the same request again once they are open`;
  return problem({ status: 503, code: codes[service], field: null, detail });
}
