"""python3 sbom.py VERSION WHEELS PACKAGES: prints the image's bill of materials, SPDX 2.3 as JSON.

The file WHEELS has a line a wheel: name and version, separated by a tab (collect-libtorch); PACKAGES has one a Debian package:
name, version, architecture and source package (collect-system). SOURCE_DATE_EPOCH is the time it was made, else now.
"""
import datetime
import hashlib
import json
import os
import pathlib
import re
import sys

# By Debian source package, without the version in its name: the licence of its part in the image.
LICENCES = {
    "acl": "LGPL-2.1-or-later",
    "attr": "LGPL-2.1-or-later",
    "base-files": "GPL-2.0-or-later",
    "bash": "GPL-3.0-or-later",
    "boost": "BSL-1.0",
    "ca-certificates": "MPL-2.0",
    "coreutils": "GPL-3.0-or-later",
    "gcc": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    "libjpeg-turbo": "IJG AND BSD-3-Clause AND Zlib",
    "libpng": "libpng-2.0",
    "libselinux": "libselinux-1.0",
    "ncurses": "X11-distribute-modifications-variant",
    "pcre": "BSD-3-Clause",
    "utf8proc": "MIT AND Unicode-DFS-2015",
    "zlib": "Zlib",
}

NVIDIA = "LicenseRef-NVIDIA-Proprietary"  # its name in the wheels


def licence_of(source):
    stem = re.sub(r"[-.\d]+$", "", source)
    if stem not in LICENCES:
        sys.exit(f"sbom: expected a licence of the Debian source package {source}; add it to docker/sbom.py.")
    return LICENCES[stem]


def package(name, version, licence, terms, locator=None):
    entry = {
        "SPDXID": "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licence,
        "licenseComments": f"All terms: {terms} in the image.",
        "copyrightText": "NOASSERTION",
    }
    if locator:
        entry["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}]
    return entry


def debian_package(line):
    name, version, architecture, source = line.rstrip("\n").split("\t")
    escaped = version.replace(":", "%3A").replace("+", "%2B")
    return package(name, version, licence_of(source), f"/usr/share/doc/{name}",
                   f"pkg:deb/debian/{name}@{escaped}?arch={architecture}&distro=bookworm")


def wheels(line):
    """A wheel's package and, for torch's, the packages inside it."""
    name, version = line.split("\t")
    locator = f"pkg:pypi/{'torch' if name == 'libtorch' else name}@" + version.replace("+", "%2B")
    if name != "libtorch":
        return [package(name, version, NVIDIA, f"/usr/share/doc/{name}", locator)]
    return [
        package(name, version, "BSD-3-Clause", "/usr/share/doc/libtorch", locator),
        # From the same wheel: GCC's OpenMP library, and fmt, whose code is compiled into the program.
        package("libgomp", f"of torch {version}", LICENCES["gcc"], "/usr/share/doc/libgcc-s1"),
        package("fmt", f"of torch {version}", "MIT", "/usr/share/doc/libtorch")]


def document(version, wheel_lines, debian_lines):
    ours = package("sagemaker-libtorch", version, "Apache-2.0", "/usr/share/doc/sagemaker-libtorch")
    parts = [part for line in wheel_lines for part in wheels(line)] + [debian_package(line) for line in debian_lines]
    digest = hashlib.sha256(json.dumps([ours, parts]).encode()).hexdigest()
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", ours["SPDXID"])]
    relations += [(ours["SPDXID"], "DEPENDS_ON", part["SPDXID"]) for part in parts]
    created = int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.datetime.now().timestamp())
    licences = [{
        "licenseId": NVIDIA, "name": "NVIDIA's licence agreements",
        "extractedText": "The agreement of each wheel is in the image, in /usr/share/doc under the wheel's name."}]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"sagemaker-libtorch-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/sagemaker-libtorch-{version}-{digest[:32]}",
        "creationInfo": {"created": datetime.datetime.fromtimestamp(created, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                         "creators": ["Tool: sagemaker-libtorch-docker/sbom.py"]},
        "packages": [ours, *parts],
        "hasExtractedLicensingInfos": licences if NVIDIA in (part["licenseDeclared"] for part in parts) else [],
        "relationships": [{"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
                          for one, kind, other in relations],
    }


def lines_of(path):
    return pathlib.Path(path).read_text().splitlines()


if __name__ == "__main__":
    print(json.dumps(document(sys.argv[1], lines_of(sys.argv[2]), lines_of(sys.argv[3])), indent=1))
