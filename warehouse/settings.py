"""Typed settings, read from the environment with the prefix ``MICROSEG_``."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from warehouse.errors import SettingsError

_LONGEST_HOME = 3_000
_LARGEST_DOTENV = 1 << 20


def _catalog(text: str) -> str:
    # Anything else would be taken for a file, and a password in it would become part of a path.
    if text and not text.startswith(("sqlite:", "postgres:")):
        raise ValueError('must begin with "sqlite:" or "postgres:", for example postgres:host=db dbname=lake')
    return text


def _scheduler(text: str) -> str:
    if text and not text.startswith(("tls://", "tcp://")):
        raise ValueError("must begin with tls:// or tcp://, for example tls://scheduler:8786")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("unknown time zone; use an IANA name, for example Europe/Zurich") from None
    return text


def _begins(secret: SecretStr, *beginnings: str) -> SecretStr:
    # An address of any other kind would be saved, and its alarms dropped without a word.
    if (text := secret.get_secret_value()) and not text.startswith(beginnings):
        raise ValueError(f"must begin with {' or '.join(beginnings)}")
    return secret


def _web(secret: SecretStr) -> SecretStr:
    return _begins(secret, "https://", "http://")


def _slack(secret: SecretStr) -> SecretStr:
    return _begins(secret, "https://hooks.slack.com/services/", "https://hooks.slack-gov.com/services/")


def _mail(secret: SecretStr) -> SecretStr:
    return _begins(secret, "mailtos://", "mailto://")


def _home(path: Path) -> Path:
    # Files below it, Prefect's among them, need some of the 4,096 bytes that a path may have.
    try:
        resolved = path.resolve()
        if not str(resolved).isprintable() or len(str(resolved).encode()) > _LONGEST_HOME:
            raise ValueError(f"must be a path of at most {_LONGEST_HOME:,} bytes of UTF-8 that can be printed")
        resolved.exists()
    except (OSError, RuntimeError) as error:
        raise ValueError(f"cannot be a folder: {getattr(error, 'strerror', None) or 'its links lead back'}") from None
    return path


def _check_dotenv(path: Path) -> None:
    # It is read whenever settings are: a pipe would never end, and what is no text would be a traceback.
    try:
        if path.is_fifo() or (path.exists() and path.stat().st_size > _LARGEST_DOTENV):
            raise SettingsError(f"{path.absolute()}: not a file of at most {_LARGEST_DOTENV:,} bytes; remove it")
        if path.is_file():
            path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.absolute()}: not UTF-8 (byte {error.start + 1}); write it again") from None
    except OSError as error:
        raise SettingsError(f"{path.absolute()} cannot be read: {error.strerror}") from None


class Settings(BaseSettings):
    """All that differs between a laptop and a bank's cluster; no code does."""

    model_config = SettingsConfigDict(env_prefix="MICROSEG_", env_file=".env", extra="ignore", frozen=True)

    # Everything that microseg writes lies below one folder, so that a laptop can be cleaned by deleting it.
    home: Annotated[Path, AfterValidator(_home)] = Path("microseg-data")
    # Who reads what lies there beside its owner: nobody, or the home's group. Customers and amounts are among it, so
    # whoever needs the exports alone is better served by a copy of them. Never others.
    group_access: Literal["none", "read"] = "none"
    # DuckLake's catalog. Empty: SQLite in the home. Production: "postgres:dbname=... host=...".
    # It may hold a password, so it is kept out of representations; better: PGPASSWORD or ~/.pgpass.
    catalog: Annotated[str, AfterValidator(_catalog)] = Field(default="", repr=False)
    # Where the Parquet files of the tables lie. Empty: the home. Production: "s3://bucket/prefix/".
    data_path: str = ""
    # Reference set: the name of a shipped one, or a directory of the bank's own.
    reference: str = "bank"
    # What the nightly run loads: a path, a glob, an s3:// glob, or a PostgreSQL address with source_query.
    source: str = Field(default="", repr=False)
    # The SELECT of a PostgreSQL source. Each text is a source of its own: a later result takes the place of an earlier
    # one, so a query must name a fixed range (a month, not "the last 30 days") or the whole table.
    source_query: str = ""
    # An export that is late is waited for this long by the nightly run; a run by hand fails at once.
    source_patience_minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 0
    # The business day is a date of this zone, not of the machine.
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    # Above this share of rejected rows a load is held back: the source, not the rows, is broken.
    max_reject_rate: Annotated[float, Field(ge=0, le=1)] = 0.01
    # A feed without its usual rows for longer than this is taken for dead, and nothing is published as if it were new.
    # Weekdays on which it never books do not count, so three days pass Easter; a monthly delivery needs 35.
    max_silence_days: Annotated[int, Field(ge=1, le=366)] = 3
    # Fewer active steps than this say too little about a customer for a segment.
    min_active_steps: Annotated[int, Field(ge=1, le=6)] = 3
    # No group of customers smaller than this is published, or can be had by subtraction: few people are too easily
    # recognised, and noisy. Never below 10.
    min_segment_size: Annotated[int, Field(ge=10)] = 20
    # Training needs no more customers than the paper had; its cost then does not grow with the bank.
    max_training_customers: Annotated[int, Field(ge=2)] = 40_000
    # Below this a network learns people, not patterns.
    min_training_customers: Annotated[int, Field(ge=2)] = 100
    # By this hour of the business day the nightly run must be done; an alarm says so when it is not.
    nightly_deadline_hour: Annotated[int, Field(ge=3, le=23)] = 6
    # A run that goes on for longer was killed: no stage of any size takes as long.
    run_patience_hours: Annotated[int, Field(ge=1, le=7 * 24)] = 6
    # Waiting for its turn longer than this means that the run before it hangs, or that no worker is up.
    queue_patience_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = 60
    # Alarms are posted here as JSON with subject and body: the bank's own alerting knows who is on call.
    notify_webhook: Annotated[SecretStr, AfterValidator(_web)] = SecretStr("")
    # Incoming webhook of a Slack channel.
    notify_slack: Annotated[SecretStr, AfterValidator(_slack)] = SecretStr("")
    # Mail server and receivers as one address: mailtos://user:password@smtp.bank.example?to=night@bank.example
    notify_email: Annotated[SecretStr, AfterValidator(_mail)] = SecretStr("")
    # Seed of everything random; stored with each model.
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    # Of the whole process: DuckDB gets what Python and its arrays leave, and spills to disk beyond that.
    memory_limit: Annotated[str, Field(pattern=r"(?i)^\d+(\.\d+)? *[kmgt]i?b$")] = "2GiB"
    # 0: as many as the machine has cores. Each takes memory of its own; no machine has more cores.
    threads: Annotated[int, Field(ge=0, le=1024)] = 0
    # Who does the units of months and buckets of customers: this process, or the workers of a Dask cluster (the extra
    # microseg[cluster]).
    task_runner: Literal["threads", "dask"] = "threads"
    # The cluster's scheduler, for example tls://scheduler:8786. Empty: workers on this machine, as long as a run takes.
    dask_address: Annotated[str, AfterValidator(_scheduler)] = ""
    # How many of them; they share threads and memory_limit.
    dask_workers: Annotated[int, Field(ge=1, le=256)] = 2
    # How long a commit waits for another writer's lock before it is rolled back and tried again.
    busy_timeout_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 5000
    # Bounded: a writer that never gets its turn must fail, not hang.
    # The pause between two tries doubles each time.
    commit_attempts: Annotated[int, Field(ge=1, le=20)] = 6
    # A .gz or Parquet file that grows by more than this factor is a bomb, not a bank's export.
    max_expansion: Annotated[int, Field(ge=2, le=1_000_000)] = 200
    # A load gives up above this size; split the export instead of filling the disk.
    max_file_bytes: Annotated[int, Field(ge=1)] = 50 * 1024**3
    # Features and periods of the business dates of this many days before the newest published one are kept, those of
    # month ends and all segments for ever. Five weeks: the whole of the month before can be looked into.
    keep_days: Annotated[int, Field(ge=7, le=36_600)] = 35
    # Older states of the tables can be read (AT VERSION) for so long; what was deleted or merged takes disk until then.
    # Never less than a day: the state at which a long read or load began must still be there.
    keep_snapshot_days: Annotated[int, Field(ge=1, le=3_660)] = 7
    # An MLflow tracking server to log each training to, with the extra microseg[mlflow]. Empty: nowhere.
    mlflow_tracking_uri: str = ""
    # Object storage; empty fields leave DuckDB's defaults.
    s3_endpoint: str = ""
    s3_region: str = ""
    s3_key_id: str = ""
    s3_secret: SecretStr = SecretStr("")
    s3_url_style: str = "path"
    s3_use_ssl: bool = True

    def __init__(self, **values: Any) -> None:
        """Read the environment, and .env where that is a file that can be read."""
        _check_dotenv(Path(str(self.model_config["env_file"])))
        super().__init__(**values)

    @model_validator(mode="wrap")
    @classmethod
    def _in_one_line(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(values)
        except ValidationError as error:
            faults = [(str(fault["loc"][0]), fault["msg"]) for fault in error.errors(include_input=False)]
        # Outside of the handler: the original quotes the values, and one may be a password.
        raise SettingsError("; ".join(f"MICROSEG_{n.upper()}: {m.removeprefix('Value error, ')}" for n, m in faults))

    @property
    def catalog_uri(self) -> str:
        """DuckLake connection string of the catalog, without the ``ducklake:`` prefix."""
        return self.catalog or f"sqlite:{self.home.resolve() / 'catalog.sqlite'}"

    @property
    def data_uri(self) -> str:
        """Folder or object-store prefix of the tables' Parquet files."""
        return self.data_path or f"{self.home.resolve() / 'data'}/"
