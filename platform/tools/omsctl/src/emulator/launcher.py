"""Runs the emulator as this system needs it. The first argument is its module; its settings are in the environment."""

import ipaddress
import runpy
import socketserver
import sys
import time


def answer_at_once():
    """Its Runtime API sends an event's headers and body apart: with Nagle's algorithm the body waits 40 ms for the
    function's delayed acknowledgement, once in each invocation."""
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


def listen_on_loopback(event, arguments):
    """An audit hook: whatever the emulator starts next, nothing of it is open to the network."""
    address = arguments[1] if event == "socket.bind" else None
    if isinstance(address, tuple) and not is_loopback(address[0]):
        raise PermissionError(13, f"the emulator binds to loopback only (was {address[0]!r})")


def is_loopback(host):
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def end_idle_functions(pool):
    """The emulator ends what a burst leaves, but keeps one process of each function for good. None has to stay: another
    starts within milliseconds. Names that are missing in another version fail here, at the start."""
    lock, end, limit = pool._lock, pool.kill_workers, pool._LOCAL_WORKER_TTL

    def reap_idle_workers(ttl=limit):
        now, idle = time.time(), []
        with lock:
            for key, workers in list(pool._workers.items()):
                over = [worker for worker in workers if not worker.in_use and now - worker.last_used > ttl]
                pool._workers[key] = [worker for worker in workers if worker not in over]
                idle += over
        end(idle)
        return len(idle)

    if not callable(pool.reap_idle_workers):
        raise TypeError("the emulator no longer ends idle functions by reap_idle_workers")
    pool.reap_idle_workers = reap_idle_workers


if __name__ == "__main__":
    module = sys.argv.pop(1)
    answer_at_once()
    sys.addaudithook(listen_on_loopback)
    from importlib import import_module

    end_idle_functions(import_module(f"{module}.core.lambda_runtime"))
    runpy.run_module(module, run_name="__main__", alter_sys=True)
