from django.apps import AppConfig


class StudentPageConfig(AppConfig):
    name = "afiliacion.student_page"
    label = "student_page"
    verbose_name = "Página del alumno"
