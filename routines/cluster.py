"""A cluster of machines: Dask's scheduler and workers, at an address that somebody gave."""

import asyncio
import json
import logging
import platform
import re
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from routines.events import Noted
from system.errors import UserError, quote
from system.version import VERSION

SECONDS = 15  # for the scheduler to answer, and for the first worker to be there

TIMEOUTS = (TimeoutError, asyncio.TimeoutError)  # two classes before Python 3.11


_ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d{1,5}")


class ClusterError(UserError):
    """A cluster that cannot be used; the message says why and what to do."""


def connect(address: str) -> Any:
    """Return Dask's client of a scheduler, which has at least one worker.

    address: such as tcp://host:8786, or the path of a scheduler file.

    Raises:
        ClusterError: otherwise.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise ClusterError(
            "A cluster needs Dask, which is not installed here: type 'python -m pip install --requirement "
            "requirements-cluster.txt'."
        ) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong, a sentence says
    where = _address(address)
    try:
        asyncio.run(_knock(where))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions that differ, of which `differences` speaks
            client: Any = distributed.Client(where, timeout=SECONDS, set_as_default=False)
    except (OSError, ValueError, *TIMEOUTS) as error:
        raise ClusterError(
            f"{where}: no scheduler answered within {SECONDS} seconds. Start one with 'python -m dask scheduler', or "
            "give another address."
        ) from error
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TIMEOUTS as error:
        client.close()
        raise ClusterError(
            f"{address}: a cluster has at least one worker, but none came within {SECONDS} seconds. Start some with "
            f"'python -m dask worker {address} --nthreads 1', in the folder of this program."
        ) from error
    return client


def _address(text: str) -> str:
    """Return the address that is given, or that a scheduler's file has."""
    address, file = text, Path(text)
    if file.is_file():
        try:
            address = str(json.loads(file.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError, KeyError, TypeError):
            address = ""
    if not _ADDRESS.fullmatch(address):
        raise ClusterError(
            f"A cluster is an address such as tcp://host:8786, or a scheduler file that is there: {quote(text)} was "
            "given. Give one of them."
        )
    return address


async def _knock(address: str) -> None:
    """See whether what listens there is a scheduler: Dask waits without end for anything else to answer."""
    core: Any = import_module("distributed.core")
    security: Any = import_module("distributed.security")
    more = security.Security().get_connection_args("client")
    comm = await asyncio.wait_for(core.connect(address, timeout=SECONDS, **more), SECONDS)
    await comm.close()


@contextmanager
def reached() -> Iterator[None]:
    """Have it said in a sentence where a scheduler is gone that answered before.

    Raises:
        ClusterError: then.
    """
    try:
        yield
    except (OSError, CancelledError, *TIMEOUTS) as error:
        raise ClusterError(
            "A cluster needs its scheduler to the end, but it is gone. Start it and its workers, and then this again: "
            "what is finished is kept."
        ) from error


def versions() -> dict[str, str]:
    """Return the versions of what computes, of this process."""
    return {"this program": VERSION, "Python": platform.python_version(), "NumPy": np.__version__}


def differences(client: Any) -> list[Noted]:
    """Return what to say of workers whose versions are not those of this process.

    Raises:
        ClusterError: where a worker does not have the program.
    """
    own, found = versions(), []
    for worker, theirs in client.run(versions, on_error="return").items():
        if isinstance(theirs, BaseException):
            raise ClusterError(
                f"{worker}: a worker has this program, but this one has not ({type(theirs).__name__}: {theirs}). Start "
                "it with 'python -m dask worker', in the folder of this program."
            )
        other = [f"{name} {theirs[name]} and not {own[name]}" for name in own if theirs[name] != own[name]]
        if other:
            found.append(Noted(f"{worker} has {', '.join(other)}: its results may differ in the last digits.", True))
    return found
