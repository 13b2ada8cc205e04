/** E-mail, by SMTP to one server. */
import { createTransport } from 'nodemailer';
import { readSecret } from '@kuramori/program';
import type { MailConfig } from '../config.ts';
import type { Way } from './channel.ts';

type Transport = ReturnType<typeof createTransport>;

const answerWithinMs = 15_000;

export function openMail({ host, port, tls, login }: MailConfig): Transport {
  return createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: answerWithinMs,
    greetingTimeout: answerWithinMs,
    socketTimeout: answerWithinMs,
    // What is in a message comes from elsewhere, and must never make this process read a file or ask a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(login ? { auth: { user: login.user, pass: readSecret(login.passwordFile) } } : {}),
  });
}

export function mail(transport: Transport, from: string, to: string): Way {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    carries: { notes: true, updates: false },
    async send({ id, summary, text, page }, at) {
      try {
        const sent = await transport.sendMail({
          from,
          to,
          subject: summary,
          text,
          date: new Date(at),
          // The same for each try; and every message of one page in one thread.
          messageId: `<${id}@${domain}>`,
          references: `<${page}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Priority': '1' },
        });
        return { accepted: true, answer: sent.response.slice(0, 200) };
      } catch (cause) {
        const { message, response } = cause as Error & { response?: string };
        return { accepted: false, answer: (response ?? message).slice(0, 200) };
      }
    },
  };
}
