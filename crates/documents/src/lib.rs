//! SPDX, CycloneDX and SARIF: one module a format
