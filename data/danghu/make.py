"""Write the Danghu sample as the files that a planner would have."""

from __future__ import annotations

from pathlib import Path

from circle15.sources.danghu import danghu_sample

HERE = Path(__file__).parent
LAYERS = ("streets", "units", "compounds", "gates", "homes")


def main() -> None:
    """Write layers as GeoPackages and the facilities as a csv register beside this script."""
    sample = danghu_sample()
    for name in LAYERS:
        getattr(sample, name).to_file(HERE / f"{name}.gpkg", layer=name)
    register = sample.facilities.drop(columns="geometry")
    register["lon"], register["lat"] = (
        sample.facilities.to_crs(4326).geometry.get_coordinates().T.to_numpy()
    )
    # The byte order mark tells Excel that this is UTF-8.
    register.to_csv(HERE / "facilities.csv", encoding="utf-8-sig")


if __name__ == "__main__":
    main()
