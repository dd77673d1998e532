/**
 * What openssl(1ssl) is told of the authority and of the certificate that it makes.
 *
 * Python 3.13 takes no certificate without the key identifiers, and no authority without its key usage (ssl,
 * VERIFY_X509_STRICT).
 */
export function requestText(master: string, names: readonly string[]): string {
  const all = [...new Set(names)];
  const permitted = all.map((name) => `permitted;${nameAs(name, constrainedAddress)}`);
  return `[ca]
default_ca = lab
[lab]
database = index
rand_serial = yes
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
prompt = no
distinguished_name = whose
[whose]
CN = ${`LAVA lab of ${master}`.replace(/[^\w .-]/g, '_').slice(0, 64)}
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
nameConstraints = critical, ${permitted.join(', ')}
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${all.map((name) => nameAs(name, (address) => address)).join(', ')}
`;
}

function nameAs(name: string, address: (text: string) => string): string {
  return isAddress(name) ? `IP:${address(name)}` : `DNS:${name}`;
}

/** This address alone. */
function constrainedAddress(address: string): string {
  const mask = address.includes(':') ? Array(8).fill('ffff').join(':') : '255.255.255.255';
  return `${address}/${mask}`;
}

function isAddress(name: string): boolean {
  return name.includes(':') || /^\d+(\.\d+){3}$/.test(name);
}
