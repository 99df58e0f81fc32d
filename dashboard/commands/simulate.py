"""``risewatch simulate``: a virtual monitor on a pty, tcp or udp port, with a chosen patient and faults."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    protocol: Annotated[str, typer.Argument(help="What it speaks: a name of `risewatch monitors`.")],
    link: Annotated[
        str,
        typer.Option(
            help="Where it hangs: pty, tcp[:PORT] or, if it speaks it, udp[:PORT] on this machine; hl7 also"
            " connect:HOST:PORT.",
        ),
    ] = "pty",
    patient: Annotated[
        str, typer.Option(help="Who lies there: typical, strong-rise, hypertensive, no-rise or vasovagal.")
    ] = "typical",
    seed: Annotated[int, typer.Option(help="Another number is a similar person with other noise.")] = 0,
    speed: Annotated[
        float,
        typer.Option(help="Seconds of the monitor's time per second. All times given here are the monitor's own."),
    ] = 1.0,
    cycle: Annotated[
        float, typer.Option(help="Minutes between automatic cuff results; the first comes after 10 s.")
    ] = 1.0,
    infusion_start: Annotated[
        float,
        typer.Option(
            help="Seconds after switching on at which 0.5 mg/kg in 40 min begins (by then five cuff results and five"
            " minutes of heart rate make a baseline); below 0: it has been running for so long already.",
        ),
    ] = 300.0,
    infusion: Annotated[bool, typer.Option(help="Whether there is an infusion at all.")] = True,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME[:START_S[:SECONDS]], by default from 30 s for 30 s; may be given several times: unplug, noise,"
            " bad-checksum, cut-frame, silence, stuck-value, cuff-failure, probe-off, counter-jump.",
        ),
    ] = None,
) -> None:
    """A virtual monitor. The first line of output is its port URL; it runs until stopped (Ctrl-C).

    The numbers are made: they are no person's, and say nothing of how well the detector works in a clinic.
    """
    import math
    import signal

    from devices import catalogue, instant
    from devices.virtual.bedside import PatientBedside
    from devices.virtual.device import VirtualDevice
    from devices.virtual.faults import Fault, FaultyBedside
    from devices.virtual.patient import named
    from devices.virtual.server import VirtualMonitor

    if not (math.isfinite(speed) and 0.0 < speed <= 1_000.0):
        raise typer.BadParameter(
            f"{speed:g}: give a number above 0 and not above 1000, such as 10", param_hint="--speed"
        )
    if not (math.isfinite(cycle) and 0.1 <= cycle <= 24 * 60):
        raise typer.BadParameter(f"{cycle:g}: give minutes from 0.1 to 1440, such as 5", param_hint="--cycle")
    if not math.isfinite(infusion_start):
        raise typer.BadParameter(f"{infusion_start:g}: give seconds, such as 300", param_hint="--infusion-start")
    faults = [Fault.parse(text) for text in fault or ()]
    start = instant.now()
    bedside = FaultyBedside(
        PatientBedside(
            named(patient, seed),
            start,
            start + instant.seconds(infusion_start) if infusion else None,
            cycle_s=cycle * 60.0,
        ),
        faults,
        start,
    )

    def make_device() -> VirtualDevice:
        return catalogue.create_device(protocol, bedside)

    monitor = VirtualMonitor(make_device, link, name=protocol, faults=faults, speed=speed, start=start, seed=seed)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: monitor.stop())
    try:
        print(monitor.url, flush=True)
        for one in faults:
            until = "" if one.name == "counter-jump" else f" for {one.seconds:g} s"
            typer.echo(f"fault {one.name}: from {one.start_s:g} s{until}", err=True)
    except BaseException:
        monitor.close()
        raise
    monitor.run()
