import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { ProviderError } from '../contracts/index.ts';

/** All addresses of a host name, as `dns.lookup` gives them. */
export type Resolve = (hostname: string) => Promise<dns.LookupAddress[]>;

/**
 * Networks no administrator may send this server to: what the IANA special-purpose registries (RFC 6890 and after) do not
 * call globally reachable, and the IPv6 ranges that carry an IPv4 address inside, where any of those could hide.
 */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // A metadata service that hides behind a public address; the others lie in the ranges around it.
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
] as const;
/** Of IPv6 only this is the public Internet: loopback, mapped, NAT64, unique-local, link-local and multicast lie outside. */
const PUBLIC_IPV6 = ['2000::/3'] as const;

type Refusal = 'EGRESS_SCHEME' | 'EGRESS_ADDRESS' | 'EGRESS_PLAIN' | 'EGRESS_USERINFO';

const WHY: Record<Refusal, string> = {
  EGRESS_SCHEME: 'só https e wss valem no endereço de um provedor',
  EGRESS_ADDRESS: 'o endereço do provedor fica numa rede que BALTO_EGRESS_ALLOW não permite',
  EGRESS_PLAIN: 'sem TLS, só para as redes de BALTO_EGRESS_ALLOW',
  EGRESS_USERINFO: 'usuário e senha não vão no endereço do provedor',
};

/**
 * Where this server may be sent by a base URL that an administrator, not its operator, named. A name is resolved once per
 * connection, every address of it is judged, and the connection goes to a judged address: what the name says a moment
 * later changes nothing. Plain HTTP is for the networks the operator named only.
 */
export class Egress {
  /** For `fetch`: the connections it opens are judged and pinned. */
  readonly dispatcher: Dispatcher;
  /** For WebSockets over TLS, and without. */
  readonly lookup: Record<'secure' | 'plain', LookupFunction>;
  readonly #allowed: BlockList;
  readonly #resolve: Resolve;

  /** @param allow addresses and networks (`10.1.0.0/16`), already validated, that may be reached though they are not public. */
  constructor(allow: readonly string[] = [], resolve: Resolve = systemResolve) {
    this.#allowed = listOf(allow);
    this.#resolve = resolve;
    this.lookup = { secure: this.#lookup(false), plain: this.#lookup(true) };
    const connectors = {
      secure: buildConnector({ lookup: this.lookup.secure }),
      plain: buildConnector({ lookup: this.lookup.plain }),
    };
    this.dispatcher = new Agent({
      connect: (options, done) => (options.protocol === 'http:' ? connectors.plain : connectors.secure)(options, done),
    });
  }

  /** What can be said of a URL before its name is resolved. @throws ProviderError `unsupported`, `vendorCode` EGRESS_…. */
  check(url: string): void {
    const { protocol, hostname, username, password } = new URL(url);
    const isPlain = protocol === 'http:' || protocol === 'ws:';
    if (!isPlain && protocol !== 'https:' && protocol !== 'wss:') throw refused('EGRESS_SCHEME');
    if (username !== '' || password !== '') throw refused('EGRESS_USERINFO');
    // With nothing allowed there is no name that plain HTTP could go to.
    if (isPlain && this.#allowed.rules.length === 0) throw refused('EGRESS_PLAIN');
    const literal = hostname.replace(/^\[|\]$/g, '');
    // A literal is never looked up: nobody else would judge it.
    if (isIP(literal) !== 0) this.#judge([literal], isPlain);
  }

  close(): Promise<void> {
    return this.dispatcher.destroy();
  }

  #lookup(isPlain: boolean): LookupFunction {
    return (hostname, options, done) => {
      this.#resolve(hostname).then(
        (found) => {
          const fitting = found.filter(({ family }) => !options.family || family === familyOf(options.family));
          const [first] = fitting;
          const refusal = this.#refusal(
            found.map(({ address }) => address),
            isPlain,
          );
          if (refusal) done(refused(refusal), '');
          else if (!first) done(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
          else if (options.all) done(null, fitting);
          else done(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => done(error, ''),
      );
    };
  }

  #judge(addresses: readonly string[], isPlain: boolean): void {
    const refusal = this.#refusal(addresses, isPlain);
    if (refusal) throw refused(refusal);
  }

  /** One bad address among good ones condemns the name: which of them a connection takes is not ours to foresee. */
  #refusal(addresses: readonly string[], isPlain: boolean): Refusal | null {
    const foreign = addresses.filter((address) => !this.#allowed.check(address, family(address)));
    if (!foreign.every(isPublic)) return 'EGRESS_ADDRESS';
    return isPlain && foreign.length > 0 ? 'EGRESS_PLAIN' : null;
  }
}

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const whole = isIP(address) === 6 ? 128 : 32;
    list.addSubnet(address, prefix === undefined ? whole : Number(prefix), family(address));
  }
  return list;
}

const notPublic = listOf(NOT_PUBLIC);
const publicIpv6 = listOf(PUBLIC_IPV6);

function isPublic(address: string): boolean {
  if (notPublic.check(address, family(address)) || isOwn(address)) return false;
  return family(address) === 'ipv4' || publicIpv6.check(address, 'ipv6');
}

/** What no firewall stands before: a service of this machine that only listens to the inside. */
function isOwn(address: string): boolean {
  return Object.values(networkInterfaces()).some((of) => of?.some((each) => each.address === address));
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function familyOf(given: number | string): number {
  return typeof given === 'number' ? given : given === 'IPv6' ? 6 : 4;
}

function systemResolve(hostname: string): Promise<dns.LookupAddress[]> {
  return dns.promises.lookup(hostname, { all: true });
}

function refused(vendorCode: Refusal): ProviderError {
  return new ProviderError({ code: 'unsupported', message: WHY[vendorCode], vendorCode });
}
