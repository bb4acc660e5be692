"""What runs the loader again and again: cron, systemd, Kubernetes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

_RUN = {"15min": "3-59/15", "hourly": "6", "daily": "6"}
"""Behind the full quarter or hour, when drops have settled. A daily feed is looked at hourly."""
_CHECK = {"15min": "10-59/15", "hourly": "36", "daily": "36"}


class Schedule(StrEnum):
    """Who keeps the time."""

    CRON = "cron"
    SYSTEMD = "systemd"
    CRONJOB = "cronjob"


def schedule(
    kind: Schedule,
    *,
    program: Sequence[str],
    config: Path,
    cadence: str | None,
    secrets: Sequence[str] = (),
) -> str:
    """Return what to install, with how to install it in comments.

    Args:
        kind: who keeps the time.
        program: how ``firehose-loader`` is called there, word by word.
        config: the configuration, absolute.
        cadence: of the feed; without one, every 15 minutes.
        secrets: environment variables that the configuration refers to.
    """
    minutes = _RUN[cadence or "15min"]
    match kind:
        case Schedule.CRON:
            return _cron(program, config, minutes, _CHECK[cadence or "15min"], secrets)
        case Schedule.SYSTEMD:
            return _systemd(program, config, minutes, secrets)
        case Schedule.CRONJOB:
            return _cronjob(minutes, secrets)


def _cron(
    program: Sequence[str], config: Path, run: str, check: str, secrets: Sequence[str]
) -> str:
    # A line of a crontab takes a percent sign for the end of the command.
    loader, file = (shlex.join(words).replace("%", "\\%") for words in (program, [str(config)]))
    given = "".join(f"{name}=...\n" for name in secrets)
    return f"""# crontab -e; what a line prints is mailed by cron. The second line speaks only where
# something is late, missing or set aside, or cannot be looked at. Where no syslog runs:
# >> run.log in place of | logger.
{given}{run} * * * * {loader} run -c {file} 2>&1 | logger -t firehose-loader
{check} * * * * {loader} check --quiet -c {file}
"""


def _systemd(program: Sequence[str], config: Path, minutes: str, secrets: Sequence[str]) -> str:
    calendar = "*:03/15" if "/" in minutes else f"*:{int(minutes):02}"
    words = " ".join(map(_systemd_word, [*program, "run", "-c", str(config)]))
    given = ""
    if secrets:
        names = " ".join(f"{name}=..." for name in secrets)
        given = (
            f"# One a line, readable by root alone: {names}\n"
            "EnvironmentFile=/etc/firehose-loader.env\n"
        )
    return f"""# /etc/systemd/system/firehose-loader.service
[Unit]
Description=Load new drops of the Dotdigital Data Firehose
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={words}
WorkingDirectory={str(config.parent).replace("%", "%%")}
{given}PrivateTmp=true
NoNewPrivileges=true

# /etc/systemd/system/firehose-loader.timer
# systemctl daemon-reload && systemctl enable --now firehose-loader.timer
[Unit]
Description=Load new drops on the rhythm of the feed

[Timer]
OnCalendar={calendar}
RandomizedDelaySec=30
Persistent=true

[Install]
WantedBy=timers.target
"""


def _systemd_word(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(sign in text for sign in ' "\\\t') else escaped


def _cronjob(minutes: str, secrets: Sequence[str]) -> str:
    first = "kubectl create secret generic firehose-loader --from-file=firehose.toml"
    env_from = ""
    if secrets:
        literals = "".join(f" --from-literal={name}=..." for name in secrets)
        first += f"\n# kubectl create secret generic firehose-loader-env{literals}"
        env_from = """
              envFrom:
                - secretRef:
                    name: firehose-loader-env"""
    return f"""# {first}
# kubectl apply -f this-file
apiVersion: batch/v1
kind: CronJob
metadata:
  name: firehose-loader
spec:
  schedule: "{minutes} * * * *"
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 600
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          securityContext:
            runAsNonRoot: true
            runAsUser: 10001
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: firehose-loader
              image: firehose-loader:latest
              args: ["run", "-c", "/etc/firehose/firehose.toml", "--log", "json"]{env_from}
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: ["ALL"]
              volumeMounts:
                - name: config
                  mountPath: /etc/firehose
                  readOnly: true
                - name: spool
                  mountPath: /tmp
          volumes:
            - name: config
              secret:
                secretName: firehose-loader
            - name: spool
              emptyDir: {{}}
"""
