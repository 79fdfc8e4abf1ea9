"""The ratios the portal is measured by, each inside one run so that it holds on a noisy machine."""
