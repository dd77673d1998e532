import type { HealthQuery } from '../../engine/sdk.ts';
import { HTTPS } from '../../lab/https/authority.ts';
import { dayOf } from '../../lab/https/certificates.ts';
import { SOON_DAYS } from '../../lab/https/given_certificate.ts';
import {
  certificateProbe,
  certificateTrouble,
  parseShown,
} from '../../lab/https/shown_certificate.ts';
import type { Https } from './https.ts';

const DAY = 86_400;

/** What a plan would put right, so that a check does not tell it once more as a difference. */
const OWN = { subject: 'certificate of the lab', where: '' };
const GIVEN = {
  subject: `file ${HTTPS.certificate}`,
  where: `: ${HTTPS.certificate} with ${HTTPS.key}`,
};

/** Whether the certificate that the master shows is one that it takes itself, and for how long still. */
export function certificateHealth(https: Https, address: string): readonly HealthQuery[] {
  if (https.kind !== 'here') return [];
  const place = { host: address, port: 443, name: https.name };
  const { subject, where } = https.given ? GIVEN : OWN;
  return [
    {
      id: 'lava_server.certificate',
      probe: certificateProbe(place),
      judge(output) {
        const shown = parseShown(output);
        const { certificate, now } = shown;
        const trouble = certificateTrouble(shown, place);
        if (trouble) {
          return [
            {
              ...{ severity: 'problem', subject },
              what: trouble.message,
              evidence: certificate
                ? `for ${certificate.names.join(', ')}, by ${certificate.issuer}, until ${dayOf(certificate.ends)}${where}`
                : 'no certificate',
              fix: trouble.hint,
              breaks: { kinds: ['lava_api', 'lava_worker'] },
            },
          ];
        }
        const days = certificate ? Math.floor((certificate.ends - now) / DAY) : SOON_DAYS;
        if (!certificate || days >= SOON_DAYS) return [];
        return [
          {
            ...{ severity: 'warning', subject },
            what: `the certificate of ${https.name} expires in ${days} days: after that, no worker can reach the master`,
            evidence: `until ${dayOf(certificate.ends)}, by ${certificate.issuer}`,
            fix: https.given
              ? 'replace lava.https.certificate with a renewed one, then run lava-play apply'
              : 'lava-play apply renews it',
          },
        ];
      },
    },
  ];
}
