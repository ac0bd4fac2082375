"""Starts the generator: `python -m generator_svc`."""

from dwsim_wire.entry import end_process, run_service
from dwsim_wire.server import Service
from generator_svc.kernel_cache import use_kernel_cache
from generator_svc.settings import GeneratorSettings


async def build(settings: GeneratorSettings) -> Service:
    """Build the service; the kernel cache is set before anything imports numba."""
    use_kernel_cache(settings.data_dir)
    from generator_svc.wiring import wire

    return await wire(settings)


if __name__ == "__main__":
    end_process(run_service(GeneratorSettings, build))
