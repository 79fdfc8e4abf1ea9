"""Settings from the environment (prefix PORTAL_), each with a default that is safe in public."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from portal.sealing import IndexKey, Source, ciphers, keys

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. `secret_key` signs cookies; `count_mode` says whether a period's first day counts
    (`inclusive`) or not (`civil`)."""

    data_dir: Path
    database_url: str
    secret_key: str
    #: every key contact data may be sealed with, asked for at each use; the last one seals
    sealing_keys: Source
    #: makes the keyed hashes; never rotated
    index_key: IndexKey
    #: where the sealing keys are written; None when they are in the environment
    sealing_key_file: Path | None
    #: what is sealed with from now on: one of `sealing.ciphers.CIPHERS`
    sealing_cipher: str
    host: str
    port: int
    site_name: str
    site_owner: str
    public_url: str
    count_mode: Literal["civil", "inclusive"]
    is_https: bool
    #: whether every member of staff has to have a second factor, or may have one
    is_second_factor_required: bool
    #: the bureau's identity provider (OpenID Connect), where staff may sign in; empty for none
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    #: what the button calls it
    oidc_label: str
    #: the claim that is the login of an account at its first signing in; empty when only people bind accounts
    oidc_link_claim: str
    #: words of `amr` or `acr` that stand for our own second factor; none when it is always ours
    oidc_factors: frozenset[str]
    #: seconds one exchange with the provider may take in all
    oidc_timeout: float
    #: after how many days a password has to be changed; 0 for never
    password_days: int
    #: for how long a public page may be handed out again before it is read anew; 0 reads it every time
    page_seconds: float
    mail_delivery: str
    mail_server: str
    mail_port: int
    mail_sender: str
    mail_username: str
    mail_password: str
    mail_use_tls: bool
    #: the authority the mail server's certificate must come from; empty for those the machine trusts
    mail_ca_file: str
    mail_timeout: float
    #: the box that opinions are mailed to, read by IMAP; no server, no reading
    imap_server: str
    imap_port: int
    imap_username: str
    imap_password: str
    imap_folder: str
    #: TLS from the first byte; without it only for a server on this machine
    imap_use_tls: bool
    imap_timeout: float
    #: minutes between two looks
    imap_minutes: float
    #: the code of the bureau whose box it is; may be empty where there is one bureau
    imap_bureau: str
    #: how many proxies stand before the site and are believed when they say where a request came from
    trusted_proxies: int
    #: from how many endorsements on the public reads that there are some
    endorsement_threshold: int
    #: where the servers keep their limits together; empty when each process counts for itself
    redis_url: str
    #: the Redis through which jobs are handed to whoever is free; empty when the worker looks for them itself
    broker: str
    #: submissions a minute to one consultation, in one server process (with Redis in all of them), above which a
    #: small proof is asked for
    usual_rate: int
    #: where clamd listens, tcp://host:port or unix:///path; empty for no scanning
    clamd: str
    clamd_timeout: float
    #: whether files are kept while clamd is away, to be scanned later
    is_unscanned_accepted: bool
    #: for how many days the lines of requests are kept; 0 writes none
    log_days: int
    #: who shows this may read /metrics from elsewhere; empty for nobody
    metrics_token: str
    #: working days after the end within which the answers are to be published; staff are reminded of it
    answer_days: int
    #: an OpenAI-compatible service on the bureau's own network that proposes words for a point; empty for none
    wording_url: str
    wording_model: str
    wording_key: str
    wording_timeout: float
    #: where the scheduler of Dask listens, which then does the heavy steps of mass analysis; empty for in this process
    dask_scheduler: str
    #: hosts (`host` or `host:port`) that events may be pushed to though they are on the bureau's own network or plain http
    webhook_hosts: frozenset[str]
    #: seconds one push may take in all
    webhook_timeout: float

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "log"


def _given(environment: Mapping[str, str], name: str) -> str:
    """A secret of the environment, or of the file that PORTAL_<NAME>_FILE names; empty when it is in neither."""
    if given := environment.get(f"PORTAL_{name}"):
        return given
    file = environment.get(f"PORTAL_{name}_FILE")
    return Path(file).read_text().strip() if file else ""


def _kept(file: Path, make: Callable[[], str]) -> str:
    """A secret of the data folder, made on first use."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The server and the worker may start in the same instant: each writes one, and one of them gets the name.
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        with os.fdopen(handle, "w") as out:
            out.write(make())
        with suppress(FileExistsError):
            os.link(name, file)
        Path(name).unlink()
    return file.read_text().strip()


def _sealing(environment: Mapping[str, str], data_dir: Path, cipher: str) -> tuple[Source, IndexKey, Path | None]:
    """The keys that seal, the key of keyed hashes, and the file the former are in (None: in the environment).

    Installations from before there was an index key go on with the key they had: their keyed hashes come from it.
    """
    folder = data_dir / "secrets"
    file = Path(given) if (given := environment.get("PORTAL_SEALING_KEY_FILE")) else folder / "sealing_key"
    from_environment = environment.get("PORTAL_SEALING_KEY", "")
    index_text = _given(environment, "INDEX_KEY")
    if not index_text and not from_environment and not file.exists():
        # A new place. The index key is made first: whoever finds a sealing key also finds this one.
        prefix = "sha256" if cipher == "aes" else "sm3"
        _kept(folder / "index_key", lambda: f"{prefix}:{secrets.token_hex(32)}")
    if not from_environment and not given:
        _kept(file, lambda: secrets.token_hex(32))
    if from_environment:
        held = keys.read(from_environment)
        source: Source = lambda: held  # noqa: E731 — the environment of a process never changes
    else:
        source = keys.KeyFile(file)
    if not index_text and (folder / "index_key").exists():
        index_text = (folder / "index_key").read_text()
    if index_text:
        return source, keys.read_index(index_text), None if from_environment else file
    first = next((key for key in source() if key.id == keys.FIRST), None)
    if first is None:
        raise ValueError(
            f"PORTAL_INDEX_KEY is missing. Receipts are found by it; set it to the secret of the key {keys.FIRST!r}."
        )
    return source, IndexKey(first.secret), None if from_environment else file


def _issuer(environment: Mapping[str, str]) -> str:
    """The identity provider; what it says is only worth something over TLS, or on this machine."""
    issuer = environment.get("PORTAL_OIDC_ISSUER", "")
    if not issuer:
        return ""
    parts = urlsplit(issuer)
    is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and is_here)):
        raise ValueError("PORTAL_OIDC_ISSUER begins with https://")
    if not environment.get("PORTAL_OIDC_CLIENT_ID"):
        raise ValueError("PORTAL_OIDC_CLIENT_ID is missing; the provider gave it to you together with the secret")
    return issuer


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings. Makes missing secrets under the data folder. Raises ValueError for a bad value."""
    env = os.environ if environment is None else environment
    data_dir = Path(env.get("PORTAL_DATA_DIR", ROOT / "var")).absolute()
    url = _given(env, "DATABASE_URL") or f"sqlite:///{data_dir / 'portal.sqlite3'}"
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    delivery = env.get("PORTAL_MAIL_DELIVERY", "smtp" if env.get("PORTAL_MAIL_SERVER") else "files")
    if delivery not in ("files", "smtp"):
        raise ValueError("PORTAL_MAIL_DELIVERY is 'files' or 'smtp'")
    count_mode = env.get("PORTAL_COUNT_MODE", "civil")
    if count_mode not in ("civil", "inclusive"):
        raise ValueError("PORTAL_COUNT_MODE is 'civil' or 'inclusive'")
    second_factor = env.get("PORTAL_SECOND_FACTOR", "optional")
    if second_factor not in ("optional", "required"):
        raise ValueError("PORTAL_SECOND_FACTOR is 'optional' or 'required'")
    cipher = ciphers.chosen(env.get("PORTAL_SEALING_CIPHER", "aes"))
    sealing_keys, index_key, sealing_key_file = _sealing(env, data_dir, cipher)
    redis_url = _given(env, "REDIS_URL")
    if redis_url and not redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("PORTAL_REDIS_URL begins with redis://, rediss:// or unix://")
    broker = _given(env, "BROKER")
    if broker and not broker.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("PORTAL_BROKER begins with redis://, rediss:// or unix://")
    clamd = env.get("PORTAL_CLAMD", "")
    if clamd and not clamd.startswith(("tcp://", "unix:///")):
        raise ValueError("PORTAL_CLAMD begins with tcp:// or unix:///")
    clamd_away = env.get("PORTAL_CLAMD_AWAY", "refuse")
    if clamd_away not in ("refuse", "accept"):
        raise ValueError("PORTAL_CLAMD_AWAY is 'refuse' or 'accept'")
    issuer = _issuer(env)
    engine, dask_scheduler = env.get("PORTAL_ENGINE", "process"), env.get("PORTAL_DASK_SCHEDULER", "")
    if engine not in ("process", "dask"):
        raise ValueError("PORTAL_ENGINE is 'process' or 'dask'")
    if engine == "dask" and not dask_scheduler.startswith(("tcp://", "tls://")):
        raise ValueError("PORTAL_ENGINE=dask asks for PORTAL_DASK_SCHEDULER, which begins with tcp:// or tls://")
    port = int(env.get("PORT", env.get("PORTAL_PORT", "8000")))
    public_url = env.get("PORTAL_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
    return Settings(
        data_dir=data_dir,
        database_url=url,
        secret_key=_given(env, "SECRET_KEY")
        or _kept(data_dir / "secrets" / "secret_key", lambda: secrets.token_hex(32)),
        sealing_keys=sealing_keys,
        index_key=index_key,
        sealing_key_file=sealing_key_file,
        sealing_cipher=cipher,
        host=env.get("PORTAL_HOST", "127.0.0.1"),
        port=port,
        site_name=env.get("PORTAL_SITE_NAME", "示例市公开征求意见"),
        site_owner=env.get("PORTAL_SITE_OWNER", "示例市人民政府办公室"),
        public_url=public_url,
        count_mode="inclusive" if count_mode == "inclusive" else "civil",
        is_https=public_url.startswith("https://"),
        is_second_factor_required=second_factor == "required",
        oidc_issuer=issuer,
        oidc_client_id=env.get("PORTAL_OIDC_CLIENT_ID", ""),
        oidc_client_secret=_given(env, "OIDC_CLIENT_SECRET"),
        oidc_label=env.get("PORTAL_OIDC_LABEL", "统一身份认证"),
        oidc_link_claim=env.get("PORTAL_OIDC_LINK_CLAIM", ""),
        oidc_factors=frozenset(env.get("PORTAL_OIDC_SECOND_FACTOR", "").replace(",", " ").split()),
        oidc_timeout=float(env.get("PORTAL_OIDC_TIMEOUT", "5")),
        password_days=int(env.get("PORTAL_PASSWORD_DAYS", "90")),
        page_seconds=float(env.get("PORTAL_PAGE_SECONDS", "0.8")),
        mail_delivery=delivery,
        mail_server=env.get("PORTAL_MAIL_SERVER", ""),
        mail_port=int(env.get("PORTAL_MAIL_PORT", "25")),
        mail_sender=env.get("PORTAL_MAIL_SENDER", "noreply@example.gov.cn"),
        mail_username=env.get("PORTAL_MAIL_USERNAME", ""),
        mail_password=_given(env, "MAIL_PASSWORD"),
        mail_use_tls=env.get("PORTAL_MAIL_USE_TLS", "") == "1",
        mail_ca_file=env.get("PORTAL_MAIL_CA_FILE", ""),
        mail_timeout=float(env.get("PORTAL_MAIL_TIMEOUT", "10")),
        imap_server=env.get("PORTAL_IMAP_SERVER", ""),
        imap_port=int(env.get("PORTAL_IMAP_PORT", "993")),
        imap_username=env.get("PORTAL_IMAP_USERNAME", ""),
        imap_password=_given(env, "IMAP_PASSWORD"),
        imap_folder=env.get("PORTAL_IMAP_FOLDER", "INBOX"),
        imap_use_tls=env.get("PORTAL_IMAP_USE_TLS", "1") == "1",
        imap_timeout=float(env.get("PORTAL_IMAP_TIMEOUT", "20")),
        imap_minutes=float(env.get("PORTAL_IMAP_MINUTES", "5")),
        imap_bureau=env.get("PORTAL_IMAP_BUREAU", ""),
        trusted_proxies=int(env.get("PORTAL_TRUSTED_PROXIES", "0")),
        endorsement_threshold=max(2, int(env.get("PORTAL_ENDORSEMENT_THRESHOLD", "5"))),
        redis_url=redis_url,
        broker=broker,
        usual_rate=int(env.get("PORTAL_USUAL_RATE", "60")),
        clamd=clamd,
        clamd_timeout=float(env.get("PORTAL_CLAMD_TIMEOUT", "10")),
        is_unscanned_accepted=clamd_away == "accept",
        log_days=int(env.get("PORTAL_LOG_DAYS", "400")),
        metrics_token=_given(env, "METRICS_TOKEN"),
        answer_days=max(1, int(env.get("PORTAL_ANSWER_DAYS", "20"))),
        wording_url=env.get("PORTAL_WORDING_URL", "").rstrip("/"),
        wording_model=env.get("PORTAL_WORDING_MODEL", ""),
        wording_key=_given(env, "WORDING_KEY"),
        wording_timeout=float(env.get("PORTAL_WORDING_TIMEOUT", "20")),
        dask_scheduler=dask_scheduler if engine == "dask" else "",
        webhook_hosts=frozenset(
            filter(None, (host.strip() for host in env.get("PORTAL_WEBHOOK_HOSTS", "").split(",")))
        ),
        webhook_timeout=float(env.get("PORTAL_WEBHOOK_TIMEOUT", "10")),
    )
