"""IDSE: lotes of 168 positions are taken, and answered hours or days later with a constancia and its detail."""
