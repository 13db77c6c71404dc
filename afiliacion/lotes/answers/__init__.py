"""What comes back from IMSS: acuse de recibo, detail in rows, constancia de presentación; as typed values, or refused whole."""
