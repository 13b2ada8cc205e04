/** Passkeys, as the browser's authenticator makes and shows them. Undefined where it was not used. */
import {
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { post, type Asked } from './ask.ts';

export type Shown<T> = Asked<T> | { readonly kind: 'cancelled' };

const cancelled = { kind: 'cancelled' } as const;

export async function register(code: string): Promise<Shown<null>> {
  const begun = await post<PublicKeyCredentialCreationOptionsJSON>('/api/register/begin', { code });
  if (begun.kind === 'refused') return begun;
  const response = await startRegistration({ optionsJSON: begun.value }).catch(() => null);
  if (response === null) return cancelled;
  return post('/api/register/finish', { code, response });
}

export function login(): Promise<Shown<null>> {
  return step('/api/login', {});
}

/** One step that a passkey must be shown for, about exactly what is asked. */
export async function step<T>(path: string, asked: object): Promise<Shown<T>> {
  const begun = await post<PublicKeyCredentialRequestOptionsJSON>(`${path}/begin`, asked);
  if (begun.kind === 'refused') return begun;
  const response = await startAuthentication({ optionsJSON: begun.value }).catch(() => null);
  if (response === null) return cancelled;
  return post(`${path}/finish`, { ...asked, response });
}
