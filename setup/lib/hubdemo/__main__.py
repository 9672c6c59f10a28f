# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``python -m hubdemo``: see setup/demo."""

import argparse
import re
import signal
import sys
import time

from hubenv import SetupError

from .job import Job
from .report import FAILURES, PATIENCE, Report
from .world import HTTP_PORT, LOGIN, PASSWORD, BorrowedWorld, Memory, World

DATABASE = "hub_demo"
DASHBOARD = "/odoo/action-connector_hub.action_backend_dashboard"


class Ended(BaseException):
    """Ctrl-C, or a signal that asks to end."""


def main(arguments):
    parser = argparse.ArgumentParser(prog="setup/demo", description="The main job, for real.")
    parser.add_argument("--exit", action="store_true", help="end after the report")
    parser.add_argument("--database", default=DATABASE, help=f"default: {DATABASE}")
    parser.add_argument("--port", type=_port, default=HTTP_PORT, help=f"default: {HTTP_PORT}")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE,
        help=f"seconds a change may take to reach the other side, default: {PATIENCE}",
    )
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,50}", options.database):
        parser.error("a database's name has small letters, digits and _ only")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    memory = Memory(options.database)
    try:
        known = wait_for_turn(memory, options.database)
        if known:
            return run_borrowed(known, memory, options)
        return run_own(memory, options)
    except Ended:
        print("\nEnded before the report.", flush=True)
        return 130


def _port(text):
    """A TCP port, or argparse's own way to say that it is none."""
    port = int(text)
    if not 0 < port < 65536:
        raise argparse.ArgumentTypeError(f"{port} is no port: choose one from 1 to 65535")
    return port


def _end(*_signal):
    raise Ended


def wait_for_turn(memory, database):
    """None once no other demo runs on the database; what is known of one that stays up, if one does."""
    told = False
    while not memory.acquire():
        known = memory.read()
        if known.get("ready") and known.get("stays"):
            print(f"A demo is running at {known['url']} already: using its servers.", flush=True)
            return known
        if not told:
            print(f"Another demo is at work on the database {database}: waiting.", flush=True)
            told = True
        time.sleep(0.5)
    return None


def run_own(memory, options):
    report = Report()
    world = World(options.database, options.port, memory, stays=not options.exit)
    try:
        report.heading("Preparing")
        report.step("Odoo's modules and the addons installed", world.make_template)
        report.step("Database", world.make_database)
        report.step("Shop", world.start_shop)
        report.step("Odoo", world.start_odoo)
        report.step("Company, products and backend entered", world.enter_scenario)
        if world.scenario:
            with memory.one_job():
                run_job(report, Job(world.scenario, world.shop, world.server.url, options.patience))
        if report.failed and world.server:
            print(f"\nOdoo's log: {world.server.log_path}", flush=True)
        if not options.exit and world.scenario:
            stay_up(world.server.url, lambda: world.server.process.poll() is None)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        world.stop()
    return 1 if report.failed else 0


def run_borrowed(known, memory, options):
    """The job once more, on the servers of the demo that stays up."""
    report = Report()
    try:
        world = BorrowedWorld(known, options.database)
    except FAILURES as error:
        raise SetupError(f"the running demo at {known['url']} does not answer: {error}") from error
    with memory.one_job():
        run_job(report, Job(world.scenario, world.shop, world.url, options.patience))
    if not options.exit:
        # It ends with the demo whose servers these are.
        stay_up(world.url, lambda: not memory.acquire())
    return 1 if report.failed else 0


def run_job(report, job):
    report.heading("The main job")
    for title, function in job.steps():
        report.step(title, function)
    print(
        f"\n{'FAILED: ' + report.failed if report.failed else 'All steps succeeded.'}", flush=True
    )


def stay_up(url, is_up):
    """Until Ctrl-C, or until the servers are gone."""
    print(f"\nOdoo:      {url}  (login {LOGIN}, password {PASSWORD})", flush=True)
    print(f"Dashboard: {url}{DASHBOARD}", flush=True)
    print("Stays up until Ctrl-C.", flush=True)
    try:
        while is_up():
            time.sleep(0.5)
        print("The servers of this demo have ended.", flush=True)
    except Ended:
        print("\nStopping.", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(f"Error: {error}")
